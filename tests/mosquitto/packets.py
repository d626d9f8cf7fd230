"""MQTT Control Packets decoded, and the rules by which a received one is as good as the expected one.

The suite compares bytes. Another broker may answer with other bytes and mean the same, so both packets are decoded
and compared by these rules, and by no others:

1. The packet type, and for PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK and UNSUBACK the Packet Identifier, are
   the same. Flags of the fixed header are the same.
2. A Reason Code counts by its class: success (below 0x80) or failure. A granted QoS, a return code of a CONNACK of
   3.x, and a Reason Code of AUTH (which has the same properties too) are the same number. No Reason Code means success [MQTT-3.4.2-1].
3. CONNACK: the same Session Present. These properties have the same value, where a missing one has its default:
   Session Expiry Interval, Receive Maximum, Topic Alias Maximum, Maximum QoS, Retain Available, Server Keep Alive,
   Authentication Method and Data; whether there are wildcards, Shared Subscriptions and Subscription Identifiers. An
   Assigned Client Identifier is there or not there, whatever it is. Maximum Packet Size counts where the test has
   configured one, else each server has its own.
4. PUBLISH: the same topic, payload, DUP, QoS, RETAIN, and the same properties; only their order is free, but that
   of User Properties is not.
5. Reason Strings, User Properties of acknowledgements, and Server References are never compared.
6. Where the suite expects that the connection is closed: end of file or reset; in 5.0 also a CONNACK or DISCONNECT
   with a failure first and the end right after it [MQTT-4.13.1-1]. Where it expects a DISCONNECT, the end alone is
   not enough.

A packet that cannot be decoded equals nothing but the same bytes.
"""

import struct

CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 2, 3, 4, 5, 6, 7
SUBACK, UNSUBACK, PINGRESP, DISCONNECT, AUTH = 9, 11, 13, 14, 15
NAMES = {
    1: "CONNECT", CONNACK: "CONNACK", PUBLISH: "PUBLISH", PUBACK: "PUBACK", PUBREC: "PUBREC", PUBREL: "PUBREL",
    PUBCOMP: "PUBCOMP", 8: "SUBSCRIBE", SUBACK: "SUBACK", 10: "UNSUBSCRIBE", UNSUBACK: "UNSUBACK", 12: "PINGREQ",
    PINGRESP: "PINGRESP", DISCONNECT: "DISCONNECT", AUTH: "AUTH",
}

SESSION_EXPIRY_INTERVAL, ASSIGNED_CLIENT_IDENTIFIER, SERVER_KEEP_ALIVE = 17, 18, 19
AUTHENTICATION_METHOD, AUTHENTICATION_DATA, RECEIVE_MAXIMUM = 21, 22, 33
TOPIC_ALIAS_MAXIMUM, MAXIMUM_QOS, RETAIN_AVAILABLE, USER_PROPERTY = 34, 36, 37, 38
MAXIMUM_PACKET_SIZE, WILDCARDS, SUBSCRIPTION_IDENTIFIERS, SHARED_SUBSCRIPTIONS = 39, 40, 41, 42

# How the value of each property is encoded: byte, u16, u32, variable byte integer, string, pair of strings.
KINDS = {
    1: "1", 2: "4", 3: "s", 8: "s", 9: "s", 11: "v", 17: "4", 18: "s", 19: "2", 21: "s", 22: "s", 23: "1", 24: "4",
    25: "1", 26: "s", 28: "s", 31: "s", 33: "2", 34: "2", 35: "2", 36: "1", 37: "1", 38: "p", 39: "4", 40: "1",
    41: "1", 42: "1",
}

# What a missing property of CONNACK means. A Maximum Packet Size of None is any.
CONNACK_DEFAULTS = {
    SESSION_EXPIRY_INTERVAL: None, RECEIVE_MAXIMUM: 65535, TOPIC_ALIAS_MAXIMUM: 0, MAXIMUM_QOS: 2,
    RETAIN_AVAILABLE: 1, SERVER_KEEP_ALIVE: None, AUTHENTICATION_METHOD: None, AUTHENTICATION_DATA: None,
    WILDCARDS: 1, SUBSCRIPTION_IDENTIFIERS: 1, SHARED_SUBSCRIPTIONS: 1,
}


class Undecodable(Exception):
    pass


class Input:
    """Bytes that are read from the front. A cut one gives what is left instead of failing, and says so."""

    def __init__(self, data, may_be_cut=False):
        self.data, self.may_be_cut, self.is_cut = data, may_be_cut, False

    def take(self, count):
        if count > len(self.data):
            if not self.may_be_cut:
                raise Undecodable(f"{count} bytes wanted, {len(self.data)} left")
            self.is_cut = True
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def variable(self):
        value = 0
        for shift in range(0, 28, 7):
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte & 0x80 == 0:
                return value
        raise Undecodable("a Variable Byte Integer of more than four bytes")

    def string(self):
        return self.take(self.number(2))

    def rest(self):
        taken, self.data = self.data, b""
        return taken

    def properties(self):
        """List of (identifier, value). None at all is the same as a length of 0."""
        if not self.data:
            return []
        length = self.variable()
        inner = Input(self.take(length), self.may_be_cut)
        found = []
        while inner.data:
            identifier = inner.variable()
            kind = KINDS.get(identifier)
            if kind is None:
                raise Undecodable(f"property {identifier}")
            if kind == "s":
                value = inner.string()
            elif kind == "p":
                value = (inner.string(), inner.string())
            elif kind == "v":
                value = inner.variable()
            else:
                value = inner.number(int(kind))
            found.append((identifier, value))
        self.is_cut |= inner.is_cut
        return found


def split(data):
    """A row of packets as single ones. The last may be incomplete."""
    packets = []
    while data:
        total = length(data)
        if total is None:
            return packets + [data]
        packets.append(data[:total])
        data = data[total:]
    return packets


def length(data):
    """Bytes of the packet that begins here; None when its Remaining Length is not there yet."""
    value = 0
    for index in range(1, 5):
        if index >= len(data):
            return None
        value |= (data[index] & 0x7F) << (7 * (index - 1))
        if data[index] & 0x80 == 0:
            return 1 + index + value
    raise Undecodable("a Remaining Length of more than four bytes")


def connect_version(data):
    """Protocol Version of a CONNECT; None when it is none. 3 stands for everything before 5."""
    try:
        if not data or data[0] >> 4 != 1:
            return None
        packet = Input(data[1:])
        packet.variable()
        packet.string()
        return 5 if packet.number(1) == 5 else 3
    except Undecodable:
        return None


def decode(data, version, may_be_cut=False):
    """A dictionary of what a packet from a server says."""
    kind, flags = data[0] >> 4, data[0] & 0x0F
    packet = Input(data[1:], may_be_cut)
    remaining = packet.variable()
    if remaining != len(packet.data) and not may_be_cut:
        raise Undecodable("the Remaining Length is not that of the packet")
    is_v5 = version == 5
    said = {"type": NAMES.get(kind, kind), "flags": flags}
    if kind == CONNACK:
        said["session present"], said["code"] = packet.number(1), packet.number(1)
        said["properties"] = packet.properties() if is_v5 else []
    elif kind == PUBLISH:
        said["topic"] = packet.string()
        said["id"] = packet.number(2) if flags & 6 else None
        said["properties"] = packet.properties() if is_v5 else []
        said["payload"] = packet.rest()
    elif kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
        said["id"] = packet.number(2)
        said["code"] = packet.number(1) if is_v5 and packet.data else 0
        said["properties"] = packet.properties() if is_v5 else []
    elif kind in (SUBACK, UNSUBACK):
        said["id"] = packet.number(2)
        said["properties"] = packet.properties() if is_v5 else []
        said["codes"] = list(packet.rest())
    elif kind in (DISCONNECT, AUTH):
        said["code"] = packet.number(1) if is_v5 and packet.data else 0
        said["properties"] = packet.properties() if is_v5 else []
    elif kind != PINGRESP:
        raise Undecodable(f"a server sends no {said['type']}")
    if packet.data:
        raise Undecodable("bytes behind the packet")
    said["is cut"] = packet.is_cut
    return said


def is_failure(data, version):
    """Whether this is a CONNACK or DISCONNECT of 5.0 that announces the end (rule 6)."""
    try:
        said = decode(data, version)
    except Undecodable:
        return False
    return version == 5 and said["type"] in ("CONNACK", "DISCONNECT") and said["code"] >= 0x80


def difference(received, expected, version):
    """Why the packets mean something else; None when they mean the same."""
    if received == expected:
        return None
    try:
        want = decode(expected, version, may_be_cut=True)
        got = decode(received, version)
    except Undecodable as error:
        return f"the bytes differ, and cannot be decoded: {error}"
    for what in ("type", "flags", "id", "topic", "payload", "session present"):
        if got.get(what) != want.get(what):
            return f"{what} is {got.get(what)}, not {want.get(what)}"
    kind = want["type"]
    if kind == "CONNACK":
        return connack_difference(got, want, version)
    if kind == "PUBLISH":
        if arranged(got["properties"]) != arranged(want["properties"]):
            return f"properties are {got['properties']}, not {want['properties']}"
    elif kind == "SUBACK":
        got_codes, want_codes = ([min(code, 0x80) for code in said["codes"]] for said in (got, want))
        if got_codes != want_codes:
            return f"codes are {got['codes']}, not {want['codes']}"
    elif kind == "UNSUBACK":
        got_codes, want_codes = ([code >= 0x80 for code in said["codes"]] for said in (got, want))
        if got_codes != want_codes:
            return f"codes are {got['codes']}, not {want['codes']}"
    elif kind == "AUTH":
        got_says, want_says = ([said["code"], arranged(said["properties"])] for said in (got, want))
        if got_says != want_says:
            return f"it says {got_says}, not {want_says}"
    elif "code" in want and (got["code"] >= 0x80) != (want["code"] >= 0x80):
        return f"the Reason Code is 0x{got['code']:02X}, not 0x{want['code']:02X}"
    return None


def arranged(properties):
    """In the order of their identifiers; those with the same one stay as they are."""
    return sorted(properties, key=lambda found: found[0])


def connack_difference(got, want, version):
    if version != 5:
        return None if got["code"] == want["code"] else f"the return code is {got['code']}, not {want['code']}"
    if (got["code"] >= 0x80) != (want["code"] >= 0x80):
        return f"the Reason Code is 0x{got['code']:02X}, not 0x{want['code']:02X}"
    got_properties, want_properties = dict(got["properties"]), dict(want["properties"])
    if (ASSIGNED_CLIENT_IDENTIFIER in got_properties) != (ASSIGNED_CLIENT_IDENTIFIER in want_properties):
        return "the Assigned Client Identifier is there in one only"
    compared = dict(CONNACK_DEFAULTS)
    if MAXIMUM_PACKET_SIZE in want_properties:
        compared[MAXIMUM_PACKET_SIZE] = None
    if want["code"] >= 0x80:
        # Limits mean nothing to a client that is not let in.
        compared = {AUTHENTICATION_METHOD: None}
    for identifier, default in compared.items():
        if want["is cut"] and identifier not in want_properties:
            continue
        got_value, want_value = got_properties.get(identifier, default), want_properties.get(identifier, default)
        if got_value != want_value:
            return f"property {identifier} is {got_value}, not {want_value}"
    return None


def as_mosquitto_would(data):
    """A CONNACK of 5.0 in the form of mosquitto, for a test that reads the bytes itself: the properties in
    mosquitto's order, an Assigned Client Identifier of mosquitto's, no Maximum Packet Size (rule 3). With any other
    property it stays as it is."""
    said = decode(data, 5)
    found = dict(said["properties"])
    if not found.keys() <= {RECEIVE_MAXIMUM, TOPIC_ALIAS_MAXIMUM, MAXIMUM_PACKET_SIZE, ASSIGNED_CLIENT_IDENTIFIER}:
        return data
    properties = b""
    if TOPIC_ALIAS_MAXIMUM in found:
        properties += struct.pack("!BH", TOPIC_ALIAS_MAXIMUM, found[TOPIC_ALIAS_MAXIMUM])
    if found.get(ASSIGNED_CLIENT_IDENTIFIER):
        name = b"auto-00000000-0000-0000-0000-000000000000"
        properties += struct.pack(f"!BH{len(name)}s", ASSIGNED_CLIENT_IDENTIFIER, len(name), name)
    if RECEIVE_MAXIMUM in found:
        properties += struct.pack("!BH", RECEIVE_MAXIMUM, found[RECEIVE_MAXIMUM])
    head = struct.pack("BBB", said["session present"], said["code"], len(properties))
    return struct.pack("BB", data[0], len(head) + len(properties)) + head + properties


def describe(data, version):
    """For people."""
    try:
        said = decode(data, version, may_be_cut=True)
    except (Undecodable, IndexError):
        return data[:64].hex(" ") or "nothing"
    del said["is cut"]
    return ", ".join(f"{name} {value}" for name, value in said.items() if value not in (None, []))
