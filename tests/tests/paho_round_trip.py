"""Paho against one broker: every QoS, a kept session, a Retained Message and a Will, in 3.1.1 and 5.0.

Usage: paho_round_trip.py HOST PORT. Prints OK at the end; any other end is a failure.
"""

import queue
import sys
import uuid

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

HOST, PORT = sys.argv[1], int(sys.argv[2])
WAIT_S = 10


class Client:
    def __init__(self, version, client_id=None, persistent=False, will=None):
        client_id = client_id or uuid.uuid4().hex
        arguments = {"client_id": client_id, "protocol": version}
        connect = {}
        if version == mqtt.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 300 if persistent else 0
            connect = {"clean_start": not persistent, "properties": properties}
        else:
            arguments["clean_session"] = not persistent
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, **arguments)
        self.connected, self.subscribed = queue.Queue(), queue.Queue()
        self.published, self.messages = queue.Queue(), queue.Queue()
        self.client.on_connect = lambda c, u, flags, code, p: self.connected.put((flags, code))
        self.client.on_subscribe = lambda c, u, mid, codes, p: self.subscribed.put(codes)
        self.client.on_publish = lambda c, u, mid, code, p: self.published.put(code)
        self.client.on_message = lambda c, u, message: self.messages.put(message)
        if will:
            self.client.will_set(*will)
        self.client.connect(HOST, PORT, 30, **connect)
        self.client.loop_start()
        flags, code = self.connected.get(timeout=WAIT_S)
        assert not code.is_failure, code
        self.session_present = flags.session_present

    def subscribe(self, topic, qos):
        self.client.subscribe(topic, qos)
        codes = self.subscribed.get(timeout=WAIT_S)
        assert [code.value for code in codes] == [qos], codes

    def publish(self, topic, payload, qos, retain=False):
        self.client.publish(topic, payload, qos, retain)
        code = self.published.get(timeout=WAIT_S)
        assert not code.is_failure, code

    def receive(self):
        return self.messages.get(timeout=WAIT_S)

    def disconnect(self):
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self):
        self.client.loop_stop()
        self.client.socket().close()


def round_trip(publisher_version, subscriber_version):
    topic = "paho/" + uuid.uuid4().hex
    subscriber, publisher = Client(subscriber_version), Client(publisher_version)
    subscriber.subscribe(topic, 2)
    for qos in (0, 1, 2):
        for number in range(20):
            publisher.publish(topic, f"{qos}:{number}", qos)
        for number in range(20):
            message = subscriber.receive()
            assert message.payload == f"{qos}:{number}".encode(), message.payload
            assert message.qos == qos and not message.dup and not message.retain
    subscriber.disconnect()
    publisher.disconnect()


def session(version):
    topic, client_id = "paho/" + uuid.uuid4().hex, uuid.uuid4().hex
    client = Client(version, client_id, persistent=True)
    assert not client.session_present
    client.subscribe(topic, 1)
    client.disconnect()
    publisher = Client(version)
    for number in range(10):
        publisher.publish(topic, str(number), 1)
    client = Client(version, client_id, persistent=True)
    assert client.session_present
    for number in range(10):
        assert client.receive().payload == str(number).encode()
    client.disconnect()
    publisher.disconnect()


def retained(version):
    topic = "paho/" + uuid.uuid4().hex
    publisher = Client(version)
    publisher.publish(topic, "kept", 1, retain=True)
    reader = Client(version)
    reader.subscribe(topic, 1)
    message = reader.receive()
    assert message.retain and message.payload == b"kept"
    publisher.publish(topic, "", 1, retain=True)
    reader.disconnect()
    publisher.disconnect()


def will(version):
    topic = "paho/" + uuid.uuid4().hex
    watcher = Client(version)
    watcher.subscribe(topic, 1)
    Client(version, will=(topic, "gone", 1, False)).vanish()
    assert watcher.receive().payload == b"gone"
    watcher.disconnect()


VERSIONS = (mqtt.MQTTv311, mqtt.MQTTv5)
for one in VERSIONS:
    for other in VERSIONS:
        round_trip(one, other)
    session(one)
    retained(one)
    will(one)
print("OK")
