// What a frame costs while a packet moves: plays a trace in headless Chromium and tells the main thread's work per frame.

import { visit } from "./visit.mjs";

const { page, close } = await visit({ route: "#/lab/4.1-networking-fundamentals" });
await page.locator("#command-line").waitFor();
await page.waitForFunction(() => document.querySelector(".prompt-line label").textContent.endsWith("$ "));
const run = async (command) => {
  await page.locator("#command-line").fill(command);
  await page.locator("#command-line").press("Enter");
  await page.locator(".prompt-line .stop").waitFor({ state: "detached" });
};
await run("kubectl run web --image=nginx:alpine; kubectl wait --for=condition=Ready pod/web");
await page.waitForFunction(() => document.querySelector(".log").textContent.includes("condition met"));
await run("kubectl run asker --rm -i --restart=Never --image=busybox -- wget -qO- http://10.96.0.10; kubectl exec web -- curl -s -m 3 http://10.244.0.2:8080");
await page.locator("#trace tr.hop").first().waitFor({ state: "attached" });

const session = await page.context().newCDPSession(page);
await session.send("Performance.enable");
/** Seconds that the main thread has worked so far. */
const worked = async () => (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;

await page.getByRole("button", { name: "To the start" }).click();
await page.getByRole("button", { name: "Play", exact: true }).click();
// From the start of a frame's callbacks until the browser has drawn it, which is when a message sent to oneself arrives.
const before = await worked();
const frames = await page.evaluate(
  () =>
    new Promise((done) => {
      const costs = [];
      const channel = new MessageChannel();
      let start = 0;
      channel.port1.onmessage = () => costs.push(performance.now() - start);
      const frame = (now) => {
        start = performance.now();
        channel.port2.postMessage("");
        if (costs.length < 300 && now < deadline) requestAnimationFrame(frame);
        else done(costs);
      };
      const deadline = performance.now() + 10_000;
      requestAnimationFrame(frame);
    }),
);
const mean = ((await worked()) - before) / frames.length * 1_000;
await close();
frames.sort((a, b) => a - b);
const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))].toFixed(1);
console.log(`main thread per frame while playing, ${frames.length} frames: median ${at(0.5)} ms, p95 ${at(0.95)} ms; mean with everything ${mean.toFixed(1)} ms`);
