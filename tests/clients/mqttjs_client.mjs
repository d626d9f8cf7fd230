// Clients of MQTT.js that do what they are told.
//
// Usage: mqttjs_client.mjs FOLDER, where FOLDER/node_modules has the package `mqtt`. One JSON object a line on standard
// input, one answer a line on standard output: {"ok": value} or {"error": text}. What can be asked is in
// tests/src/client_driver/script.rs. Ends when standard input ends.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const mqtt = createRequire(`${process.argv[2]}/`)("mqtt");

const WAIT_MS = 20_000;
const SCHEMES = { tcp: "mqtt", tls: "mqtts", ws: "ws", wss: "wss" };
const clients = new Map();

function within(promise, milliseconds, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function connect(asked) {
  const path = asked.transport.startsWith("ws") ? "/mqtt" : "";
  const options = {
    clientId: asked.client_id,
    protocolVersion: asked.version,
    clean: asked.clean,
    reconnectPeriod: 0,
    keepalive: 30,
  };
  if (asked.version === 5) {
    options.properties = { sessionExpiryInterval: asked.clean ? 0 : 300 };
  }
  if (asked.ca) {
    options.ca = readFileSync(asked.ca);
  }
  if (asked.will) {
    options.will = { ...asked.will, payload: Buffer.from(asked.will.payload) };
  }
  const client = mqtt.connect(`${SCHEMES[asked.transport]}://${asked.host}:${asked.port}${path}`, options);
  const kept = { client, messages: [], waiting: null };
  clients.set(asked.client_id, kept);
  client.on("message", (topic, payload, packet) => {
    kept.messages.push({ topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain });
    kept.waiting?.();
  });
  const failed = new Promise((_, reject) => client.once("error", reject));
  await within(Promise.race([new Promise((accepted) => client.once("connect", accepted)), failed]), WAIT_MS, "CONNECT");
  client.on("error", () => {});
  return true;
}

const actions = {
  connect,
  async subscribe({ client_id, filter, qos }) {
    const granted = await within(clients.get(client_id).client.subscribeAsync(filter, { qos }), WAIT_MS, "SUBSCRIBE");
    if (granted.length !== 1 || granted[0].qos !== qos) {
      throw new Error(`SUBSCRIBE was answered by ${JSON.stringify(granted)}`);
    }
  },
  async publish({ client_id, topic, payload, qos, retain }) {
    await within(clients.get(client_id).client.publishAsync(topic, payload, { qos, retain }), WAIT_MS, "PUBLISH");
  },
  async receive({ client_id, within_ms }) {
    const kept = clients.get(client_id);
    if (kept.messages.length === 0) {
      await new Promise((done) => {
        const timer = setTimeout(done, within_ms);
        kept.waiting = () => {
          clearTimeout(timer);
          done();
        };
      });
      kept.waiting = null;
    }
    return kept.messages.shift() ?? null;
  },
  async disconnect({ client_id }) {
    await within(clients.get(client_id).client.endAsync(), WAIT_MS, "DISCONNECT");
    clients.delete(client_id);
  },
  // The connection is cut without DISCONNECT.
  async vanish({ client_id }) {
    clients.get(client_id).client.stream.destroy();
    clients.delete(client_id);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = { ok: (await actions[asked.do](asked)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
