#!/usr/bin/env python3
"""Drives the stand-in for Hetzner Cloud with Hetzner's own client, hcloud.

usage: hetzner_client_test.py URL CERTIFICATE_FILE KEY_FILE

URL is the stand-in's, the token comes from HCLOUD_TOKEN; the files hold a certificate and its key (PEM).
Exit code 0: all as it should be; 1: not, with a traceback; 2: usage.
"""

import os
import sys

from hcloud import APIException, Client
from hcloud.actions import ActionFailedException
from hcloud.firewalls import FirewallResource, FirewallResourceLabelSelector, FirewallRule
from hcloud.images import Image
from hcloud.load_balancer_types import LoadBalancerType
from hcloud.load_balancers import (
    LoadBalancerAlgorithm, LoadBalancerHealthCheck, LoadBalancerHealthCheckHttp, LoadBalancerService,
    LoadBalancerServiceHttp, LoadBalancerTarget, LoadBalancerTargetLabelSelector,
)
from hcloud.locations import Location
from hcloud.networks import NetworkRoute, NetworkSubnet
from hcloud.server_types import ServerType
from hcloud.servers import ServerCreatePublicNetwork
from hcloud.zones import ZoneRecord

FALKENSTEIN = Location(name="fsn1")
MARK = {"defimon-pool": "analytics"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGn8ZlTs2Q8d7x0Jv3u0yqg0Vb3c8m2n1p5r7t9v2x4z defimon"


def refused(code, ask):
    """The request is refused with that code."""
    try:
        ask()
    except APIException as error:
        assert error.code == code, error
        return error
    raise AssertionError(f"{code} was expected")


def done(answer):
    """Waits for all actions of an answer and returns it."""
    for action in [answer.action] + (getattr(answer, "next_actions", None) or []):
        if action is not None:
            action.wait_until_finished()
    return answer


def switch(client, url, failures):
    """Switches failures on, and all others off."""
    client._client._session.put(url.removesuffix("/v1") + "/_sandbox/failures", json=failures).raise_for_status()


def foundation(client):
    """Network, firewall, placement group, key, address."""
    network = client.networks.create(
        name="analytics", ip_range="10.40.0.0/16", labels=MARK,
        subnets=[NetworkSubnet(type="cloud", network_zone="eu-central", ip_range="10.40.1.0/24")])
    network.add_route(NetworkRoute(destination="10.100.0.0/16", gateway="10.40.1.2")).wait_until_finished()
    rule = FirewallRule(
        direction="in", protocol="tcp", port="22", source_ips=["198.51.100.0/24"], destination_ips=[],
        description="SSH")
    made = client.firewalls.create(
        name="analytics-nodes", rules=[rule], labels=MARK,
        resources=[
            FirewallResource(
                type="label_selector", label_selector=FirewallResourceLabelSelector(selector="defimon-pool=analytics"))
        ])
    for action in made.actions:
        action.wait_until_finished()
    group = client.placement_groups.create(name="analytics", type="spread", labels=MARK).placement_group
    key = client.ssh_keys.create(name="analytics", public_key=KEY, labels=MARK)
    error = refused("uniqueness_error", lambda: client.ssh_keys.create(name="again", public_key=KEY))
    assert error.details == {"fields": [{"name": "public_key"}]}, error.details
    address = done(client.primary_ips.create(
        name="analytics-control", type="ipv4", assignee_type="server", location=FALKENSTEIN, auto_delete=False,
        labels=MARK)).primary_ip
    assert client.networks.get_by_name("analytics").subnets[0].gateway == "10.40.0.1"
    assert client.firewalls.get_by_name("analytics-nodes").rules[0].port == "22"
    return network, group, key, address


def servers(client, network, group, key, address):
    """A control plane that is attached with an address of its own, and two workers."""
    order = {
        "image": Image(name="debian-12"), "location": FALKENSTEIN, "ssh_keys": [key], "placement_group": group,
        "labels": MARK, "user_data": "#cloud-config\nruncmd: []\n",
    }
    answer = done(client.servers.create(
        name="analytics-control-1", server_type=ServerType(name="cx32"), start_after_create=False,
        public_net=ServerCreatePublicNetwork(ipv4=address, enable_ipv6=False), **order))
    assert answer.root_password is None
    control = answer.server
    control.attach_to_network(network, ip="10.40.1.10").wait_until_finished()
    control.power_on().wait_until_finished()
    control.reload()
    assert control.status == "running" and control.private_net[0].ip == "10.40.1.10", control.status
    assert control.public_net.ipv4.ip == address.ip and control.public_net.ipv6 is None
    for number in (1, 2):
        done(client.servers.create(
            name=f"analytics-worker-{number}", server_type=ServerType(name="cx42"), networks=[network], **order))
    found = client.servers.get_all(label_selector="defimon-pool=analytics")
    assert [server.name for server in found] == ["analytics-control-1", "analytics-worker-1", "analytics-worker-2"]
    assert all(server.public_net.firewalls[0].status == "applied" for server in found)
    assert client.placement_groups.get_by_id(group.id).servers == [server.id for server in found]
    error = refused("uniqueness_error", lambda: client.servers.create(
        name="analytics-worker-1", server_type=ServerType(name="cx42"), **order))
    assert error.details == {"fields": [{"name": "name"}]}, error.details
    return found


def power(client, url, worker):
    """Rescaled while it is off, never to a smaller disk."""
    refused("server_not_stopped", lambda: worker.change_type(ServerType(name="cx52"), upgrade_disk=False))
    switch(client, url, {"stuckActions": True})
    action = worker.power_off()
    refused("locked", worker.power_on)
    switch(client, url, {})
    action.wait_until_finished()
    worker.change_type(ServerType(name="cx52"), upgrade_disk=True).wait_until_finished()
    refused("invalid_server_type", lambda: worker.change_type(ServerType(name="cx42"), upgrade_disk=False))
    worker.power_on().wait_until_finished()
    worker.reboot().wait_until_finished()
    worker.reset().wait_until_finished()
    worker.reload()
    assert (worker.status, worker.server_type.name, worker.primary_disk_size) == ("running", "cx52", 320)
    made = worker.create_image(description="before", type="snapshot", labels=MARK)
    made.action.wait_until_finished()
    made.image.reload()
    assert made.image.status == "available" and made.image.created_from.id == worker.id
    worker.rebuild(image=made.image).action.wait_until_finished()
    worker.change_protection(delete=True, rebuild=True).wait_until_finished()
    refused("protected", worker.delete)
    worker.change_protection(delete=False, rebuild=False).wait_until_finished()


def volumes(client, worker):
    """A volume grows and never shrinks."""
    volume = done(client.volumes.create(
        name="analytics-data", size=10, server=worker, format="ext4", labels=MARK)).volume
    volume.reload()
    assert volume.server.id == worker.id and volume.linux_device.endswith(str(volume.id))
    volume.resize(20).wait_until_finished()
    refused("invalid_input", lambda: volume.resize(20))
    refused("locked", volume.delete)
    volume.detach().wait_until_finished()
    volume.attach(worker, automount=False).wait_until_finished()
    volume.detach().wait_until_finished()
    volume.reload()
    assert volume.size == 20 and volume.server is None
    volume.delete()
    refused("not_found", lambda: client.volumes.get_by_id(volume.id))


def balancer(client, network, worker, certificate_file, key_file):
    """Services with checks, targets by a selector, an address inside."""
    with open(certificate_file) as chain, open(key_file) as key:
        certificate = client.certificates.create(
            name="analytics", certificate=chain.read(), private_key=key.read(), labels=MARK)
    made = done(client.load_balancers.create(
        name="analytics", load_balancer_type=LoadBalancerType(name="lb11"), location=FALKENSTEIN, labels=MARK,
        algorithm=LoadBalancerAlgorithm(type="round_robin"))).load_balancer
    made.attach_to_network(network, ip="10.40.1.250").wait_until_finished()
    made.add_target(LoadBalancerTarget(
        type="label_selector", use_private_ip=True,
        label_selector=LoadBalancerTargetLabelSelector(selector="defimon-pool=analytics"))).wait_until_finished()
    check = LoadBalancerHealthCheck(
        protocol="http", port=8002, interval=15, timeout=10, retries=3,
        http=LoadBalancerHealthCheckHttp(domain="", path="/docs", status_codes=["2??"]))
    made.add_service(LoadBalancerService(
        protocol="https", listen_port=443, destination_port=8002, proxyprotocol=False, health_check=check,
        http=LoadBalancerServiceHttp(
            cookie_name="HCLBSTICKY", cookie_lifetime=300, certificates=[certificate], redirect_http=False,
            sticky_sessions=False, timeout_idle=50))).wait_until_finished()
    made.update_service(LoadBalancerService(listen_port=443, destination_port=30002)).wait_until_finished()
    made.reload()
    assert made.services[0].destination_port == 30002 and made.private_net[0].ip == "10.40.1.250"
    targets = made.targets[0].targets
    assert len(targets) == 3 and all(target.health_status[0].status == "healthy" for target in targets), targets
    worker.power_off().wait_until_finished()
    made.reload()
    states = sorted(target.health_status[0].status for target in made.targets[0].targets)
    assert states == ["healthy", "healthy", "unhealthy"], states
    made.delete_service(LoadBalancerService(listen_port=443)).wait_until_finished()
    certificate.delete()
    done(made.delete())


def names(client):
    """Record sets of a zone."""
    zone = client.zones.get("example.com")
    made = zone.create_rrset(
        name="analytics", type="A", ttl=300, records=[ZoneRecord(value="203.0.113.5")], labels=MARK)
    made.action.wait_until_finished()
    zone.set_rrset_records(made.rrset, [ZoneRecord(value="203.0.113.6")]).wait_until_finished()
    zone.add_rrset_records(made.rrset, [ZoneRecord(value="203.0.113.7")]).wait_until_finished()
    zone.change_rrset_ttl(made.rrset, 60).wait_until_finished()
    found = zone.get_rrset("analytics", "A")
    assert [record.value for record in found.records] == ["203.0.113.6", "203.0.113.7"] and found.ttl == 60
    refused("uniqueness_error", lambda: zone.create_rrset(
        name="analytics", type="A", records=[ZoneRecord(value="203.0.113.5")]))
    zone.delete_rrset(found).action.wait_until_finished()
    refused("not_found", lambda: zone.get_rrset("analytics", "A"))


def catalogue(client):
    """What Hetzner offers."""
    assert client.server_types.get_by_name("cx32").disk == 80
    assert client.images.get_by_name_and_architecture("debian-12", "x86").status == "available"
    assert len(client.server_types.get_all()) > 25
    assert {place.network_zone for place in client.locations.get_all()} == {"eu-central", "us-east"}
    assert client.load_balancer_types.get_by_name("lb11").max_services == 5
    assert client._client.request(method="GET", url="/pricing")["pricing"]["currency"] == "EUR"


def gone(client, found):
    """Everything goes, and what was not a server's own stays until then."""
    actions = [server.delete() for server in found]
    for action in actions:
        action.wait_until_finished()
    assert client.servers.get_all() == []
    refused("not_found", lambda: client.servers.get_by_id(found[0].id))
    client.firewalls.get_by_name("analytics-nodes").remove_from_resources([
        FirewallResource(
            type="label_selector", label_selector=FirewallResourceLabelSelector(selector="defimon-pool=analytics"))
    ])[0].wait_until_finished()
    client.firewalls.get_by_name("analytics-nodes").delete()
    client.primary_ips.get_by_name("analytics-control").delete()
    client.placement_groups.get_by_name("analytics").delete()
    client.ssh_keys.get_by_name("analytics").delete()
    client.networks.get_by_name("analytics").delete()


def failures(client, url):
    """What is switched on from outside comes as the client's own exceptions."""
    def order():
        return client.servers.create(
            name="late", server_type=ServerType(name="cx32"), image=Image(name="debian-12"), location=FALKENSTEIN)

    switch(client, url, {"exhausted": ["fsn1"]})
    refused("resource_unavailable", order)
    switch(client, url, {"limits": {"servers": 0}})
    assert refused("resource_limit_exceeded", order).details == {"limits": [{"name": "server_limit"}]}
    switch(client, url, {"unavailable": 1})
    refused("unavailable", order)
    # The client asks again by itself after these.
    switch(client, url, {"conflict": 1, "rateLimited": 1, "failingActions": {"create_server": 1}})
    try:
        done(order())
        raise AssertionError("the action should fail")
    except ActionFailedException as error:
        assert error.action.error["code"] == "action_failed", error.action.error
    assert client.servers.get_all() == []
    stranger = Client(token="another", api_endpoint=url)
    refused("unauthorized", stranger.servers.get_all)


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    url = sys.argv[1]
    client = Client(token=os.environ["HCLOUD_TOKEN"], api_endpoint=url, poll_interval=0.02)
    client._client._retry_interval_func = lambda _: 0.02
    network, group, key, address = foundation(client)
    found = servers(client, network, group, key, address)
    power(client, url, found[1])
    volumes(client, found[1])
    balancer(client, network, found[2], sys.argv[2], sys.argv[3])
    names(client)
    catalogue(client)
    gone(client, found)
    failures(client, url)


main()
