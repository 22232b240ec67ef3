// The rows of the table of settings: node and cluster.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"
#include "config/services.hpp"

namespace stoa::config {
namespace {

const option cluster_rows[] = {
    {.key = "node.name",
     .at = &at<&S::node, &node_settings::name>,
     .help = "This node's name, which no other node of the cluster has.",
     .form = "1 to 64 of a-z, 0-9, ., _ and -",
     .check = &is_node_name},
    {.key = "node.services",
     .at = &at<&S::node, &node_settings::services>,
     .help = "What runs here: services, front (HTTP), or all.",
     .form = role_form(),
     .check = &is_role,
     .alias = "services"},

    {.key = "cluster.name",
     .at = &at<&S::cluster, &cluster_settings::name>,
     .help = "Nodes of another cluster's name are refused.",
     .form = "1 to 32 of a-z, 0-9, _ and -",
     .check = &is_plain_name},
    {.key = "cluster.listen",
     .at = &at<&S::cluster, &cluster_settings::listen>,
     .help = "Address and port for other nodes; empty = this node is alone. Other than a loopback "
             "address needs cluster.secret_file or cluster.tls_certificate.",
     .form = "address:port or nothing",
     .check = &is_listen_address_or_empty},
    {.key = "cluster.peers",
     .at = &at<&S::cluster, &cluster_settings::peers>,
     .help = "Nodes to find; a host name with several addresses counts as all of them.",
     .form = "a list of host:port",
     .check = &is_peer},
    {.key = "cluster.tls_certificate",
     .at = &at<&S::cluster, &cluster_settings::tls_certificate>,
     .help = "PEM file of this node's certificate; empty = plain TCP between nodes.",
     .form = "a path or nothing"},
    {.key = "cluster.tls_key",
     .at = &at<&S::cluster, &cluster_settings::tls_key>,
     .help = "PEM file of its key.",
     .form = "a path or nothing"},
    {.key = "cluster.tls_ca",
     .at = &at<&S::cluster, &cluster_settings::tls_ca>,
     .help = "PEM file of the authority that signs the nodes' certificates.",
     .form = "a path or nothing"},
    {.key = "cluster.secret_file",
     .at = &at<&S::cluster, &cluster_settings::secret_file>,
     .help = "File of the secret by which nodes know each other, mode 0600, the same on all nodes; "
             "created when there is none. Empty = no secret.",
     .form = "a path or nothing"},
    {.key = "cluster.handshake_timeout_ms",
     .at = &at<&S::cluster, &cluster_settings::handshake_timeout_ms>,
     .help = "A connection whose peer has not proved to be a node within this time is closed.",
     .min = 100,
     .max = ms_max},
    {.key = "cluster.handshakes_max",
     .at = &at<&S::cluster, &cluster_settings::handshakes_max>,
     .help = "Open connections whose peers have not proved to be nodes yet; beyond that the oldest "
             "is closed. From one address: a quarter.",
     .min = 4,
     .max = 4096},
    {.key = "cluster.connections_max",
     .at = &at<&S::cluster, &cluster_settings::connections_max>,
     .help = "Connections that other nodes have opened to this one.",
     .min = 1,
     .max = 65'536},
    {.key = "cluster.heartbeat_ms",
     .at = &at<&S::cluster, &cluster_settings::heartbeat_ms>,
     .help = "Interval of heartbeats to other nodes.",
     .min = 10,
     .max = ms_max},
    {.key = "cluster.dead_after_ms",
     .at = &at<&S::cluster, &cluster_settings::dead_after_ms>,
     .help = "A node without a heartbeat for this time is considered dead.",
     .min = 100,
     .max = ms_max},
    {.key = "cluster.lease_ms",
     .at = &at<&S::cluster, &cluster_settings::lease_ms>,
     .help = "A writer that leaves no trace in its database for so long is replaced.",
     .min = 100,
     .max = ms_max},
    {.key = "cluster.move_wait_ms",
     .at = &at<&S::cluster, &cluster_settings::move_wait_ms>,
     .help = "Time a request waits for a writer that is moving to another node; 0 = 503 at once.",
     .min = 0,
     .max = ms_max},
    {.key = "cluster.resolve_ms",
     .at = &at<&S::cluster, &cluster_settings::resolve_ms>,
     .help = "Pause between two looks for new addresses of the peers.",
     .min = 10,
     .max = ms_max},
    {.key = "cluster.clock_skew_max_ms",
     .at = &at<&S::cluster, &cluster_settings::clock_skew_max_ms>,
     .help = "A node whose clock differs by more from its databases' clocks leaves the writers to "
             "other nodes.",
     .min = 1000,
     .max = ms_max},
};

}  // namespace

std::span<const option> cluster_options() {
  return cluster_rows;
}

}  // namespace stoa::config
