"""Clients of paho-mqtt that do what they are told.

One JSON object a line on standard input, one answer a line on standard output: {"ok": value} or {"error": text}. What
can be asked is in tests/src/client_driver/script.rs. Ends when standard input ends.
"""

import json
import queue
import socket
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

WAIT_S = 20


class Client:
    def __init__(self, asked):
        is_v5 = asked["version"] == 5
        is_websocket = asked["transport"] in ("ws", "wss")
        arguments = {
            "client_id": asked["client_id"],
            "protocol": mqtt.MQTTv5 if is_v5 else mqtt.MQTTv311,
            "transport": "websockets" if is_websocket else "tcp",
        }
        connect = {}
        if is_v5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 0 if asked["clean"] else 300
            connect = {"clean_start": asked["clean"], "properties": properties}
        else:
            arguments["clean_session"] = asked["clean"]
        self.is_v5 = is_v5
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, **arguments)
        self.answers, self.messages = queue.Queue(), queue.Queue()
        self.client.on_connect = lambda c, u, flags, code, p: self.answers.put(("connect", [code]))
        self.client.on_subscribe = lambda c, u, mid, codes, p: self.answers.put(("subscribe", codes))
        self.client.on_publish = lambda c, u, mid, code, p: self.answers.put(("publish", [code]))
        self.client.on_message = lambda c, u, message: self.messages.put(message)
        if is_websocket:
            self.client.ws_set_options(path="/mqtt")
        if asked["transport"] in ("tls", "wss"):
            self.client.tls_set(ca_certs=asked["ca"])
        if will := asked["will"]:
            self.client.will_set(will["topic"], will["payload"], will["qos"], will["retain"])
        self.client.connect(asked["host"], asked["port"], 30, **connect)
        self.client.loop_start()
        self.answer("connect")

    def answer(self, expected):
        kind, codes = self.answers.get(timeout=WAIT_S)
        if kind != expected or any(code.is_failure for code in codes):
            raise RuntimeError(f"{expected} was answered by {kind} {codes}")

    def subscribe(self, asked):
        if self.is_v5:
            self.client.subscribe(asked["filter"], options=SubscribeOptions(qos=asked["qos"]))
        else:
            self.client.subscribe(asked["filter"], asked["qos"])
        self.answer("subscribe")

    def publish(self, asked):
        self.client.publish(asked["topic"], asked["payload"], asked["qos"], asked["retain"])
        self.answer("publish")

    def receive(self, asked):
        try:
            message = self.messages.get(timeout=asked["within_ms"] / 1000)
        except queue.Empty:
            return None
        return {"topic": message.topic, "payload": message.payload.decode(), "qos": message.qos,
                "retain": message.retain}

    def disconnect(self, asked):
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self, asked):
        """The connection is cut without DISCONNECT."""
        self.client.loop_stop()
        connection = self.client.socket()
        # A wrapper of the library's own may hold the socket, so closing it is not enough.
        getattr(connection, "_socket", connection).shutdown(socket.SHUT_RDWR)
        connection.close()


clients = {}
for line in sys.stdin:
    asked = json.loads(line)
    try:
        if asked["do"] == "connect":
            clients[asked["client_id"]] = Client(asked)
            value = True
        else:
            value = getattr(clients[asked["client_id"]], asked["do"])(asked)
            if asked["do"] in ("disconnect", "vanish"):
                del clients[asked["client_id"]]
        answer = {"ok": value}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
