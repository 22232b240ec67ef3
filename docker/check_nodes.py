#!/usr/bin/env python3
"""Checks that no schema can express: the settings of every node, and the references between the parts.

check_nodes.py kubernetes MANIFESTS.yaml STOA   what `kustomize build` gives
check_nodes.py compose PROJECT.json STOA        what compose-go gives
"""

import json
import pathlib
import re
import subprocess
import sys

from ruamel.yaml import YAML

# Created manually before the manifests are applied (docs/deployment.md).
SECRETS_BY_HAND = {"stoa-keys", "stoa-passwords", "stoa-node-tls", "stoa-tls", "postgres-admin"}

problems = []


def expect(condition, text):
    if not condition:
        problems.append(text)


def service_names():
    """The services, from the list in the build."""
    text = pathlib.Path(__file__).parent.parent.joinpath("config/services.def").read_text(encoding="utf-8")
    return re.findall(r"^STOA_SERVICE\((\w+)", text, re.MULTILINE)


def seconds(text):
    parts = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", str(text))
    return int(parts[1] or 0) * 60 + int(parts[2] or 0)


def settings_of(name, environment, stoa):
    """The node's settings as the program reads them; {} if it rejects them."""
    for command in ("check", "print"):
        done = subprocess.run([stoa, "config", command], env=environment, capture_output=True, text=True, timeout=20)
        if done.returncode != 0:
            problems.append(f"{name}: {done.stderr.strip()}")
            return {}
    settings, section = {}, ""
    for line in done.stdout.splitlines():
        if heading := re.fullmatch(r"\[(.*)\]", line):
            section = heading[1]
        elif pair := re.match(r'(\w+) *= *"?(.*?)"? *(?:#.*)?$', line):
            settings[f"{section}.{pair[1]}"] = pair[2]
    return settings


def check_node(name, settings, ports, grace_s, pre_stop_s):
    if not settings:
        return
    expect(settings["http.listen"].startswith("0.0.0.0:"), f"{name}: http.listen is not reachable from outside")
    for key in ("http.listen", "http.admin_listen", "cluster.listen"):
        port = settings[key].rpartition(":")[2]
        expect(not port or ports is None or int(port) in ports, f"{name}: port {port} of {key} is not open")
    needs_s = pre_stop_s + int(settings["shutdown.drain_ms"]) / 1000
    expect(grace_s > needs_s, f"{name}: is killed after {grace_s} s, but preStop and drain take {needs_s} s")


# Kubernetes


class Manifests:
    def __init__(self, documents):
        self.documents = documents
        self.named = {(d["kind"], d["metadata"]["name"]): d for d in documents}

    def of(self, *kinds):
        return [d for d in self.documents if d["kind"] in kinds]

    def has(self, kind, name):
        return (kind, name) in self.named or (kind == "Secret" and name in SECRETS_BY_HAND)


def title(document):
    return f"{document['kind']} {document['metadata']['name']}"


def matches(selector, labels):
    if any(labels.get(k) != v for k, v in selector.get("matchLabels", {}).items()):
        return False
    return all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []))


def environment_of(manifests, workload, container):
    environment = {}
    for source in container.get("envFrom", []):
        config_map = manifests.named.get(("ConfigMap", source["configMapRef"]["name"]), {})
        environment |= config_map.get("data", {})
    for entry in container.get("env", []):
        by_field = entry.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
        # A pod's name: the Deployment's, a hash, and five random characters.
        environment[entry["name"]] = (
            workload["metadata"]["name"] + "-5f7c9d8b6d-x2x4z" if by_field == "metadata.name" else entry["value"]
        )
    return environment


def template_of(workload):
    spec = workload["spec"]
    return (spec["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else spec)["template"]


def check_references(manifests, workload):
    pod = template_of(workload)["spec"]
    name = title(workload)
    if "serviceAccountName" in pod:
        expect(manifests.has("ServiceAccount", pod["serviceAccountName"]), f"{name}: no such service account")
    volumes = {v["name"]: v for v in pod.get("volumes", [])}
    claims = [c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])]
    for volume in volumes.values():
        wanted = {
            "Secret": volume.get("secret", {}).get("secretName"),
            "ConfigMap": volume.get("configMap", {}).get("name"),
            "PersistentVolumeClaim": volume.get("persistentVolumeClaim", {}).get("claimName"),
        }
        for kind, target in wanted.items():
            expect(target is None or manifests.has(kind, target), f"{name}: there is no {kind} {target}")
    for container in pod["containers"]:
        for source in container.get("envFrom", []):
            target = source["configMapRef"]["name"]
            expect(manifests.has("ConfigMap", target), f"{name}: there is no ConfigMap {target}")
        for mount in container.get("volumeMounts", []):
            expect(mount["name"] in volumes or mount["name"] in claims, f"{name}: there is no volume {mount['name']}")
    if workload["kind"] != "CronJob":
        labels = template_of(workload)["metadata"]["labels"]
        expect(matches(workload["spec"]["selector"], labels), f"{name}: does not select its own pods")
    for spread in pod.get("topologySpreadConstraints", []):
        expect(
            spread["labelSelector"]["matchLabels"] == workload["spec"]["selector"]["matchLabels"],
            f"{name}: spreads other pods than its own",
        )
        expect(
            spread.get("matchLabelKeys") == ["pod-template-hash"],
            f"{name}: counts the pods of former revisions when it spreads those of a new one",
        )


def check_claims(manifests, workloads):
    users = [v["persistentVolumeClaim"]["claimName"] for w in workloads if w["kind"] == "Deployment"
             for v in template_of(w)["spec"].get("volumes", []) if "persistentVolumeClaim" in v]
    tasks = [v["persistentVolumeClaim"]["claimName"] for w in workloads if w["kind"] == "CronJob"
             for v in template_of(w)["spec"].get("volumes", []) if "persistentVolumeClaim" in v]
    users += [t for t in tasks if t not in users]
    for claim in manifests.of("PersistentVolumeClaim"):
        expect(users.count(claim["metadata"]["name"]) == 1, f"{title(claim)}: is not used by exactly one role")


def port_names(pod):
    return {p["name"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}


def check_policy(policy):
    """Both listeners serve /metrics: neither may be open to all pods of the cluster or of a namespace."""
    for rule in policy["spec"].get("ingress", []):
        ports = {p.get("port") for p in rule.get("ports", [])}
        sources = rule.get("from", [])
        expect(sources, f"{title(policy)}: opens {sorted(map(str, ports))} to every pod")
        for source in sources if "admin" in ports or not ports else []:
            expect("podSelector" in source, f"{title(policy)}: opens the operators' listener to a whole namespace")


def check_store_ports(manifests):
    """Nodes reach the stores that the settings can name, at their usual ports."""
    open_ports = set()
    for policy in manifests.of("NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            if "to" not in rule:
                open_ports |= {p.get("port") for p in rule.get("ports", [])}
    for store, port in (("PostgreSQL", 5432), ("Redis", 6379), ("NATS", 4222), ("the search engine", 9200)):
        expect(port in open_ports, f"egress policies: the nodes cannot reach {store} at port {port}")


def check_selectors(manifests, workloads):
    pods = [template_of(w) for w in workloads]

    def selected(selector):
        return [p for p in pods if matches(selector, p["metadata"]["labels"])]

    for budget in manifests.of("PodDisruptionBudget"):
        expect(len(selected(budget["spec"]["selector"])) == 1, f"{title(budget)}: does not select exactly one role")
    for monitor in manifests.of("PodMonitor"):
        chosen = selected(monitor["spec"]["selector"])
        expect(len(chosen) == 7, f"{title(monitor)}: selects {len(chosen)} roles")
        for endpoint in monitor["spec"]["podMetricsEndpoints"]:
            for pod in chosen:
                expect(endpoint["port"] in port_names(pod), f"{title(monitor)}: its pods have no port {endpoint['port']}")
        key = monitor["spec"]["jobLabel"]
        expect({p["metadata"]["labels"].get(key) for p in chosen} == {"stoa"}, f"{title(monitor)}: no job name in {key}")
    for policy in manifests.of("NetworkPolicy"):
        expect(selected(policy["spec"]["podSelector"]), f"{title(policy)}: selects nothing")
        check_policy(policy)
    check_store_ports(manifests)
    for service in manifests.of("Service"):
        chosen = selected({"matchLabels": service["spec"]["selector"]})
        expect(chosen, f"{title(service)}: selects nothing")
        for port in service["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            for pod in chosen:
                known = [p for c in pod["spec"]["containers"] for p in c.get("ports", [])]
                open_ports = {p["name"] for p in known} | {p["containerPort"] for p in known}
                expect(target in open_ports, f"{title(service)}: its pods have no port {target}")
    for scaler in manifests.of("HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        expect(manifests.has(target["kind"], target["name"]), f"{title(scaler)}: scales nothing")


def check_tasks(manifests, stoa):
    """Pods that are not nodes: the nodes' Services must not select them."""
    for task in manifests.of("CronJob"):
        template = template_of(task)
        container = template["spec"]["containers"][0]
        expect(template["metadata"]["labels"]["app.kubernetes.io/name"] != "stoa", f"{title(task)}: counts as a node")
        expect(task["spec"]["jobTemplate"]["spec"].get("activeDeadlineSeconds"), f"{title(task)}: has no deadline")
        expect(task["spec"].get("concurrencyPolicy") == "Forbid", f"{title(task)}: may run concurrently")
        settings_of(title(task), environment_of(manifests, task, container), stoa)


def check_replicas(manifests, workload):
    """At least two instances of each role, and a new pod starts before an old one stops."""
    name = workload["metadata"]["name"]
    scalers = [s for s in manifests.of("HorizontalPodAutoscaler") if s["spec"]["scaleTargetRef"]["name"] == name]
    expect(len(scalers) == 1 and scalers[0]["spec"]["minReplicas"] >= 2, f"{title(workload)}: has one instance")
    rolling = workload["spec"]["strategy"].get("rollingUpdate")
    expect(rolling == {"maxSurge": 1, "maxUnavailable": 0}, f"{title(workload)}: is not updated one pod at a time")


def check_kubernetes(file, stoa):
    manifests = Manifests([d for d in YAML(typ="safe").load_all(open(file)) if d])
    workloads = manifests.of("Deployment", "StatefulSet", "CronJob")
    roles = []
    for workload in workloads:
        check_references(manifests, workload)
    check_tasks(manifests, stoa)
    for workload in manifests.of("Deployment"):
        pod = workload["spec"]["template"]["spec"]
        container = pod["containers"][0]
        settings = settings_of(title(workload), environment_of(manifests, workload, container), stoa)
        pre_stop = container["lifecycle"]["preStop"]["exec"]["command"]
        ports = {p["containerPort"] for p in container["ports"]}
        mounted = [m["mountPath"] for m in container["volumeMounts"]]
        for key, value in settings.items():
            # Files of the base image are named only in queries of URLs.
            if value.startswith("/"):
                expect(any(value.startswith(m) for m in mounted), f"{title(workload)}: {key}: {value} is not mounted")
        check_node(title(workload), settings, ports, pod["terminationGracePeriodSeconds"], int(pre_stop[-1]))
        roles.append(settings.get("node.services"))
        check_replicas(manifests, workload)
    expect(
        sorted(map(str, roles)) == sorted(["front", *service_names()]),
        f"the roles are {roles}",
    )
    check_claims(manifests, workloads)
    check_selectors(manifests, workloads)


# Compose


def check_parts(project):
    """All references of a service exist: compose-go checks them only when a project is started."""
    for name, service in project["services"].items():
        for other in service.get("depends_on", {}):
            expect(other in project["services"], f"{name}: depends on {other}, which is not a service")
        used = {
            "networks": service.get("networks") or {},
            "secrets": [s["source"] for s in service.get("secrets", [])],
            "volumes": [v["source"] for v in service.get("volumes", []) if v["type"] == "volume"],
        }
        for kind, parts in used.items():
            for part in parts:
                known = part in (project.get(kind) or {}) or (kind, part) == ("networks", "default")
                expect(known, f"{name}: {kind} has no {part}")


def check_compose(file, stoa):
    project = json.load(open(file))
    nodes = {n: s for n, s in project["services"].items() if s["image"].startswith("stoa:")}
    expect(nodes, "there is no node")
    check_parts(project)
    names = []
    for name, service in nodes.items():
        if service.get("command"):
            continue  # a subcommand and no node
        # As in the image.
        environment = {
            "STOA_HTTP_LISTEN": "0.0.0.0:8080",
            "STOA_HTTP_ADMIN_LISTEN": "0.0.0.0:9080",
            "STOA_DATA_DIR": "/var/lib/stoa",
        }
        environment |= service.get("environment") or {}
        settings = settings_of(name, environment, stoa)
        check_node(name, settings, None, seconds(service["stop_grace_period"]), 0)
        names.append(settings.get("node.name"))
        mounted = {f"/run/secrets/{s['source']}" for s in service.get("secrets", [])}
        for key, value in settings.items():
            if key.endswith("password_file") and value:
                expect(value in mounted, f"{name}: {key} is {value}, which is not mounted")
    expect(len(names) == len(set(names)), f"nodes share a name: {names}")
    for name, service in project["services"].items():
        expect(service.get("read_only"), f"{name}: its root file system is writable")
        expect(service.get("cap_drop") == ["ALL"], f"{name}: keeps capabilities")
        expect(service["deploy"]["resources"]["limits"]["memory"], f"{name}: has no memory limit")


def main():
    kind, file, stoa = sys.argv[1:]
    {"kubernetes": check_kubernetes, "compose": check_compose}[kind](file, stoa)
    for text in problems:
        print(text)
    sys.exit(1 if problems else 0)


main()
