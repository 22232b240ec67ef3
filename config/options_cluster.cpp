// Settings: node and cluster.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"
#include "config/services.hpp"

namespace stoa::config {
namespace {

const option cluster_rows[] = {
    {.key = "node.name",
     .at = &at<&S::node, &node_settings::name>,
     .help = "Name of this node; unique in the cluster.",
     .form = "1 to 64 of a-z, 0-9, ., _ and -",
     .check = &is_node_name},
    {.key = "node.services",
     .at = &at<&S::node, &node_settings::services>,
     .help = "Roles of this node: services, front (HTTP), or all.",
     .form = role_form(),
     .check = &is_role,
     .alias = "services"},

    {.key = "cluster.name",
     .at = &at<&S::cluster, &cluster_settings::name>,
     .help = "Name of the cluster; nodes with another cluster name are rejected.",
     .form = "1 to 32 of a-z, 0-9, _ and -",
     .check = &is_plain_name},
    {.key = "cluster.listen",
     .at = &at<&S::cluster, &cluster_settings::listen>,
     .help = "Address and port for other nodes; empty = no cluster. An address other than loopback "
             "requires cluster.secret_file or cluster.tls_certificate.",
     .form = "address:port, or empty",
     .check = &is_listen_address_or_empty},
    {.key = "cluster.peers",
     .at = &at<&S::cluster, &cluster_settings::peers>,
     .help = "Addresses of other nodes; a host name may resolve to several addresses.",
     .form = "a list of host:port",
     .check = &is_peer},
    {.key = "cluster.tls_certificate",
     .at = &at<&S::cluster, &cluster_settings::tls_certificate>,
     .help = "PEM file with this node's certificate; empty = plain TCP between nodes.",
     .form = "a path, or empty"},
    {.key = "cluster.tls_key",
     .at = &at<&S::cluster, &cluster_settings::tls_key>,
     .help = "PEM file with the certificate's private key.",
     .form = "a path, or empty"},
    {.key = "cluster.tls_ca",
     .at = &at<&S::cluster, &cluster_settings::tls_ca>,
     .help = "PEM file with the CA that signs the nodes' certificates.",
     .form = "a path, or empty"},
    {.key = "cluster.secret_file",
     .at = &at<&S::cluster, &cluster_settings::secret_file>,
     .help = "File with the secret that authenticates nodes, mode 0600, the same on all nodes; "
             "created if it does not exist. Empty = no secret.",
     .form = "a path, or empty"},
    {.key = "cluster.handshake_timeout_ms",
     .at = &at<&S::cluster, &cluster_settings::handshake_timeout_ms>,
     .help = "Time for a peer to authenticate; after it the connection is closed.",
     .min = 100,
     .max = ms_max},
    {.key = "cluster.handshakes_max",
     .at = &at<&S::cluster, &cluster_settings::handshakes_max>,
     .help = "Maximum unauthenticated connections; the oldest is closed when it is exceeded. One "
             "address may have a quarter of them.",
     .min = 4,
     .max = 4096},
    {.key = "cluster.connections_max",
     .at = &at<&S::cluster, &cluster_settings::connections_max>,
     .help = "Maximum connections from other nodes.",
     .min = 1,
     .max = 65'536},
    {.key = "cluster.heartbeat_ms",
     .at = &at<&S::cluster, &cluster_settings::heartbeat_ms>,
     .help = "Interval between heartbeats to other nodes.",
     .min = 10,
     .max = ms_max},
    {.key = "cluster.dead_after_ms",
     .at = &at<&S::cluster, &cluster_settings::dead_after_ms>,
     .help = "A node without a heartbeat for this time is considered dead.",
     .min = 100,
     .max = ms_max},
    {.key = "cluster.lease_ms",
     .at = &at<&S::cluster, &cluster_settings::lease_ms>,
     .help = "A partition whose row its owner has not updated for this time is taken over.",
     .min = 100,
     .max = ms_max},
    {.key = "cluster.move_wait_ms",
     .at = &at<&S::cluster, &cluster_settings::move_wait_ms>,
     .help = "Time a request waits for a partition that is moving to another node; 0 = 503 "
             "immediately.",
     .min = 0,
     .max = ms_max},
    {.key = "cluster.resolve_ms",
     .at = &at<&S::cluster, &cluster_settings::resolve_ms>,
     .help = "Interval between resolutions of the peers' addresses.",
     .min = 10,
     .max = ms_max},
    {.key = "cluster.clock_skew_max_ms",
     .at = &at<&S::cluster, &cluster_settings::clock_skew_max_ms>,
     .help = "Maximum difference between a node's clock and its databases' clocks; above it the "
             "node runs no writers.",
     .min = 1000,
     .max = ms_max},
};

}  // namespace

std::span<const option> cluster_options() {
  return cluster_rows;
}

}  // namespace stoa::config
