"""A DNS server for tests, UDP and TCP at one port.

usage: zone_server.py OPTIONS      (JSON)

  host, port  where to listen; left out: 127.0.0.1, any free port
  zones       {"example.org": ["www 60 IN A 192.0.2.1", "@ 60 IN TXT \"a\""]}: lines of a zone file; without SOA and NS
              a zone gets its own
  servers     names of the name servers that every zone gets, such as ns1.example.net; left out: ns1.<zone>
  addresses   addresses of these servers, for each its own; left out: 127.0.0.1
  hetzner     {"url": "http://127.0.0.1:1234", "token": "…"}: the zones of that API, read for each question
  google      {"url": "http://127.0.0.1:1234/dns/v1", "project": "…", "token": "…"}: the same
  switches    a file; its words are read for each question: `refuse`, `fail`, `silent`, `old` (texts are not shown),
              `cut` (each answer over UDP is cut short), `strange` (answers are no DNS)

It prints JSON, one object a line: its port, then each question as it was asked.
"""
import json
import os
import socket
import socketserver
import sys
import threading
import urllib.parse
import urllib.request

import dnslib

options = json.loads(sys.argv[1])
lock = threading.Lock()


def say(**what):
    with lock:
        print(json.dumps(what), flush=True)


def fetch(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def pages(url, member, token, paging):
    query = ""
    while query is not None:
        page = fetch(url + query, token)
        yield from page.get(member, [])
        query = paging(page)


def of_hetzner(url, token):
    def paging(page):
        number = page["meta"]["pagination"].get("next_page")
        return f"?page={number}" if number else None

    for zone in pages(f"{url}/zones", "zones", token, paging):
        lines = []
        for rrset in pages(f"{url}/zones/{zone['id']}/rrsets", "rrsets", token, paging):
            ttl = rrset["ttl"] or zone["ttl"]
            lines += [f"{rrset['name']} {ttl} IN {rrset['type']} {record['value']}" for record in rrset["records"]]
        yield zone["name"], lines


def of_google(url, project, token):
    def paging(page):
        mark = page.get("nextPageToken")
        return "?pageToken=" + urllib.parse.quote(mark) if mark else None

    zones = f"{url}/projects/{project}/managedZones"
    for zone in pages(zones, "managedZones", token, paging):
        lines = []
        for rrset in pages(f"{zones}/{zone['name']}/rrsets", "rrsets", token, paging):
            lines += [f"{rrset['name']} {rrset['ttl']} IN {rrset['type']} {value}" for value in rrset["rrdatas"]]
        yield zone["dnsName"].rstrip("."), lines


def records(zone, lines):
    """The records of a zone; its own SOA and NS replace those that it has."""
    names = options.get("servers") or [f"ns1.{zone}"]
    addresses = options.get("addresses") or ["127.0.0.1"] * len(names)
    text = f"$ORIGIN {zone}.\n"
    text += "\n".join(line for line in lines if not {"SOA", "NS"} & set(line.split()[:4]))
    text += f"\n@ 60 IN SOA {names[0]}. hostmaster.{zone}. 1 60 60 60 1\n"
    text += "".join(f"@ 60 IN NS {name}.\n" for name in names)
    for name, address in zip(names, addresses):
        if name.endswith("." + zone):
            text += f"{name}. 60 IN {'AAAA' if ':' in address else 'A'} {address}\n"
    return dnslib.RR.fromZone(text)


def zones():
    every = dict(options.get("zones", {}))
    if "hetzner" in options:
        every.update(of_hetzner(**options["hetzner"]))
    if "google" in options:
        every.update(of_google(**options["google"]))
    return {name: records(name, lines) for name, lines in every.items()}


def switches():
    path = options.get("switches")
    if not path or not os.path.exists(path):
        return set()
    with open(path) as file:
        return set(file.read().split())


def answered(question, found, words):
    reply = question.reply()
    name = question.q.qname
    type = dnslib.QTYPE[question.q.qtype]
    ends = [zone for zone in found if name.matchSuffix(zone)]
    if "fail" in words or "refuse" in words or not ends:
        reply.header.rcode = dnslib.RCODE.SERVFAIL if "fail" in words else dnslib.RCODE.REFUSED
        return reply
    for _ in range(16):
        here = [record for records in found.values() for record in records if record.rname == name]
        if "old" in words:
            here = [record for record in here if record.rtype != dnslib.QTYPE.TXT]
        for record in here:
            if dnslib.QTYPE[record.rtype] in (type, "CNAME"):
                reply.add_answer(record)
        alias = [record for record in here if record.rtype == dnslib.QTYPE.CNAME]
        if not alias or type == "CNAME":
            break
        # As a resolver does: what the other name has comes along.
        name = dnslib.DNSLabel(str(alias[0].rdata))
    if not here:
        reply.header.rcode = dnslib.RCODE.NXDOMAIN
    return reply


def respond(data, udp):
    words = switches()
    question = dnslib.DNSRecord.parse(data)
    say(name=str(question.q.qname), type=dnslib.QTYPE[question.q.qtype], udp=udp, recursive=bool(question.header.rd))
    if "silent" in words:
        return None
    if "strange" in words:
        return data[:2] + b"\x80\x00\x00\x01"
    reply = answered(question, zones(), words).pack()
    if udp and (len(reply) > 512 or "cut" in words):
        cut = question.reply()
        cut.header.tc = 1
        reply = cut.pack()
    return reply


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        data, datagrams = self.request
        reply = respond(data, True)
        if reply:
            datagrams.sendto(reply, self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.rfile.read(2):
            reply = respond(self.rfile.read(int.from_bytes(head, "big")), False)
            if not reply:
                return
            self.wfile.write(len(reply).to_bytes(2, "big") + reply)


host = options.get("host", "127.0.0.1")
family = socket.AF_INET6 if ":" in host else socket.AF_INET


class TCP(socketserver.ThreadingTCPServer):
    address_family = family
    allow_reuse_address = True
    daemon_threads = True


class UDP(socketserver.ThreadingUDPServer):
    address_family = family
    daemon_threads = True


def listen():
    """Both at the same port: another one when UDP has it already."""
    for _ in range(100):
        streams = TCP((host, options.get("port", 0)), Stream)
        try:
            return streams, UDP(streams.server_address, Datagram)
        except OSError:
            streams.server_close()
    sys.exit("no port is free for both TCP and UDP")


streams, datagrams = listen()
say(port=streams.server_address[1])
threading.Thread(target=streams.serve_forever, daemon=True).start()
datagrams.serve_forever()
