#!/usr/bin/env python3
"""Drives the stand-in for Google Cloud with Google's own clients: google-auth, google-cloud-compute, and
google-api-python-client for Kubernetes Engine and Cloud DNS.

usage: google_client_test.py URL KEY_FILE EMAIL

URL is the stand-in's, KEY_FILE the private key (PEM) of the service account EMAIL, which is also the account of the
metadata server. Exit code 0: all as it should be; 1: not, with a traceback; 2: usage.
"""

import os
import sys

import google.auth.transport.requests
from google.api_core import exceptions
from google.cloud import compute_v1
from google.oauth2 import credentials, service_account
from googleapiclient import discovery, errors

PROJECT, REGION, ZONE = "example-project", "europe-west3", "europe-west3-a"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def token(url, key_file, email):
    """A token by a signed assertion, as google-auth makes it."""
    with open(key_file) as file:
        key = file.read()
    info = {
        "type": "service_account", "client_email": email, "private_key": key, "private_key_id": "k1",
        "token_uri": url + "/token", "project_id": PROJECT,
    }
    account = service_account.Credentials.from_service_account_info(info, scopes=[SCOPE])
    account.refresh(google.auth.transport.requests.Request())
    assert account.valid and account.token.startswith("ya29."), account.token
    return account.token


def metadata(url, email):
    """A token of the metadata server."""
    os.environ["GCE_METADATA_HOST"] = url.removeprefix("http://")
    from google.auth import compute_engine

    machine = compute_engine.Credentials()
    machine.refresh(google.auth.transport.requests.Request())
    assert machine.valid and machine.service_account_email == email, machine.service_account_email


def fails(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"not refused with {kind.__name__}")


def compute(options):
    """A network, a disk that grows, an instance that is stopped and gets another machine type."""

    # The clients' own way of waiting speaks to Google's address, whatever they were given.
    def done(operation):
        place = {"project": PROJECT, "operation": operation.name}
        while operation.status != compute_v1.Operation.Status.DONE:
            if operation.zone:
                operation = compute_v1.ZoneOperationsClient(**options).wait(zone=ZONE, **place)
            elif operation.region:
                operation = compute_v1.RegionOperationsClient(**options).wait(region=REGION, **place)
            else:
                operation = compute_v1.GlobalOperationsClient(**options).wait(**place)
        assert not operation.error.errors, operation.error

    networks = compute_v1.NetworksClient(**options)
    network = {
        "project": PROJECT, "network_resource": compute_v1.Network(name="main", auto_create_subnetworks=False),
    }
    done(networks.insert_unary(**network))
    fails(exceptions.Conflict, lambda: networks.insert_unary(**network))
    subnetwork = compute_v1.Subnetwork(name="nodes", network="global/networks/main", ip_cidr_range="10.10.0.0/20")
    done(
        compute_v1.SubnetworksClient(**options).insert_unary(
            project=PROJECT, region=REGION, subnetwork_resource=subnetwork))
    rule = compute_v1.Firewall(
        name="p2p", network="global/networks/main",
        allowed=[compute_v1.Allowed(I_p_protocol="tcp", ports=["30303"])])
    done(compute_v1.FirewallsClient(**options).insert_unary(project=PROJECT, firewall_resource=rule))

    disks = compute_v1.DisksClient(**options)
    here = {"project": PROJECT, "zone": ZONE}
    disk = compute_v1.Disk(name="chain", size_gb=100, type_=f"zones/{ZONE}/diskTypes/pd-ssd")
    done(disks.insert_unary(disk_resource=disk, **here))

    def resize(size):
        return disks.resize_unary(
            disk="chain", disks_resize_request_resource=compute_v1.DisksResizeRequest(size_gb=size), **here)

    done(resize(120))
    assert disks.get(disk="chain", **here).size_gb == 120
    fails(exceptions.BadRequest, lambda: resize(110))
    fails(exceptions.NotFound, lambda: disks.get(disk="nope", **here))
    done(
        disks.create_snapshot_unary(
            disk="chain", snapshot_resource=compute_v1.Snapshot(name="chain-1"), **here))
    snapshot = compute_v1.SnapshotsClient(**options).get(project=PROJECT, snapshot="chain-1")
    assert snapshot.status == "READY" and snapshot.disk_size_gb == 120, snapshot
    assert [one.name for one in disks.list(**here)] == ["chain"]

    image = compute_v1.ImagesClient(**options).get_from_family(project="debian-cloud", family="debian-12")
    instances = compute_v1.InstancesClient(**options)
    instance = compute_v1.Instance(
        name="geth-0", machine_type=f"zones/{ZONE}/machineTypes/n2-standard-8",
        disks=[
            compute_v1.AttachedDisk(
                boot=True, auto_delete=True,
                initialize_params=compute_v1.AttachedDiskInitializeParams(source_image=image.self_link))
        ],
        network_interfaces=[compute_v1.NetworkInterface(subnetwork=f"regions/{REGION}/subnetworks/nodes")])
    done(instances.insert_unary(instance_resource=instance, **here))
    one = {"instance": "geth-0", **here}
    assert instances.get(**one).status == "RUNNING"
    assert "login:" in instances.get_serial_port_output(**one).contents
    done(instances.stop_unary(**one))
    machine = compute_v1.InstancesSetMachineTypeRequest(machine_type=f"zones/{ZONE}/machineTypes/n2-standard-16")
    done(instances.set_machine_type_unary(instances_set_machine_type_request_resource=machine, **one))
    done(instances.start_unary(**one))
    assert instances.get(**one).machine_type.endswith("n2-standard-16")
    found = dict(instances.aggregated_list(project=PROJECT))
    assert [one.name for one in found[f"zones/{ZONE}"].instances] == ["geth-0"], found


def kubernetes_engine(service):
    """A cluster, and a node pool that is resized."""
    clusters = service.projects().locations().clusters()
    parent = f"projects/{PROJECT}/locations/{REGION}"

    def done(request):
        name = request.execute()["name"]
        for _ in range(600):
            operation = service.projects().locations().operations().get(name=f"{parent}/operations/{name}").execute()
            if operation["status"] == "DONE":
                assert "error" not in operation, operation
                return
        raise AssertionError(operation)

    body = {
        "cluster": {
            "name": "infrastructure", "network": "main", "subnetwork": "nodes",
            "nodePools": [{"name": "cpu", "initialNodeCount": 1}],
        }
    }
    done(clusters.create(parent=parent, body=body))
    error = fails(errors.HttpError, lambda: clusters.create(parent=parent, body=body).execute())
    assert error.status_code == 409, error
    name = f"{parent}/clusters/infrastructure"
    assert clusters.get(name=name).execute()["currentNodeCount"] == 3
    done(clusters.nodePools().setSize(name=f"{name}/nodePools/cpu", body={"nodeCount": 2}))
    assert clusters.get(name=name).execute()["currentNodeCount"] == 6


def cloud_dns(service):
    """A record is made and replaced."""
    zone = {"project": PROJECT, "managedZone": "example-com"}
    record = {"name": "rpc.example.com.", "type": "A", "ttl": 300, "rrdatas": ["192.0.2.10"]}
    change = service.changes().create(**zone, body={"additions": [record]}).execute()
    for _ in range(600):
        if change["status"] == "done":
            break
        change = service.changes().get(**zone, changeId=change["id"]).execute()
    assert change["status"] == "done", change
    other = {**record, "rrdatas": ["192.0.2.20"]}
    service.changes().create(**zone, body={"deletions": [record], "additions": [other]}).execute()
    found = service.resourceRecordSets().list(**zone, name="rpc.example.com.", type="A").execute()["rrsets"]
    assert [one["rrdatas"] for one in found] == [["192.0.2.20"]], found
    fails(errors.HttpError, lambda: service.changes().create(**zone, body={"additions": [record]}).execute())


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    url, key_file, email = sys.argv[1:]
    metadata(url, email)
    bearer = credentials.Credentials(token(url, key_file, email))
    compute({"credentials": bearer, "client_options": {"api_endpoint": url}})

    def service(name):
        return discovery.build(
            name, "v1", credentials=bearer, client_options={"api_endpoint": url}, static_discovery=True,
            cache_discovery=False)

    kubernetes_engine(service("container"))
    cloud_dns(service("dns"))


if __name__ == "__main__":
    main()
