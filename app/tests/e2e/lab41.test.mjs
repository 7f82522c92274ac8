// The lab as a learner does it: every command block of its text is pasted, in order and unchanged, into the terminal. What must
// appear comes from real clusters: kubectl and curl exit codes, BusyBox's nslookup, NetworkPolicy's rule that both ends must admit.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { visitIn } from "./visit.mjs";

const ROUTE = "#/lab/4.1-networking-fundamentals";
const FOLDER = new URL("../../../labs/4.1-networking-fundamentals/steps/", import.meta.url);
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STEPS = await Promise.all(
  (await readdir(FOLDER)).sort().map(async (folder) => {
    const text = await readFile(new URL(`${folder}/text.md`, FOLDER), "utf8");
    return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  }),
);

/** The lab's page, with the few things that a learner does there. */
function desk(page) {
  const line = page.locator("#command-line");
  const isPhone = page.viewportSize().width < 800;
  const desk = {
    page,
    line,
    log: () => page.locator(".log").innerText(),
    async tab(name) {
      if (isPhone) await page.getByRole("group", { name: "Panes" }).getByRole("button", { name }).click();
    },
    /** Waits until the prompt is back. */
    async settled() {
      // Ten thousand lines take their time on a busy machine.
      await page.locator(".prompt-line .stop").waitFor({ state: "detached", timeout: 60_000 });
      await page.waitForFunction(() => document.querySelector(".prompt-line label")?.textContent.endsWith("$ "));
    },
    /** Pastes as a browser does: one input event with everything in it. Returns what the terminal said to it. */
    async paste(text) {
      await desk.tab("Terminal");
      const before = (await desk.log()).length;
      await line.focus();
      await line.evaluate((element, text) => {
        element.value = text;
        element.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste", data: text }));
      }, text);
      await desk.settled();
      return (await desk.log()).slice(before);
    },
    async step(number) {
      await desk.tab("Step");
      const drawer = page.locator(".drawer-toggle");
      if ((await drawer.isVisible()) && (await drawer.getAttribute("aria-expanded")) === "false") await drawer.click();
      await page.locator(".steps button").nth(number - 1).click();
    },
    async checks() {
      await desk.tab("Step");
      return page.locator(".checks li .mark").allTextContents();
    },
    async answer(words) {
      await desk.tab("Step");
      await page.getByLabel(words).check();
    },
    /** The trace on the screen: its conversation, its last row, and the packets of that conversation. */
    async trace() {
      await desk.tab("Picture");
      await page.getByRole("button", { name: "To the end" }).click();
      const last = page.locator("#trace tr.hop").last();
      assert.equal(await last.getAttribute("aria-current"), "step");
      const chosen = page.locator(".exchanges option:checked");
      return { outcome: await chosen.textContent(), last: await last.innerText(), caption: await page.locator(".caption").innerText() };
    },
  };
  return desk;
}

async function open(t, options) {
  const page = await visitIn(t, { route: ROUTE, ...options });
  await page.locator("#command-line").waitFor({ state: "attached" });
  const opened = desk(page);
  await opened.settled();
  return opened;
}

/** Steps 1 to 4 up to the dropped packet. */
async function deploy(desk) {
  const [namespace, frontend, backend, wait] = STEPS[0];
  assert.match(await desk.paste(namespace), /^namespace\/lab-networking created$/m);
  assert.match(await desk.paste(frontend), /^pod\/frontend created$/m);
  assert.match(await desk.paste(backend), /^pod\/backend created$/m);
  assert.match(await desk.paste(wait), /^pod\/frontend condition met\npod\/backend condition met$/m);
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓", "✓"]);
}

async function reach(desk) {
  await desk.step(2);
  const [pods, curl] = STEPS[1];
  assert.match(await desk.paste(pods), /^frontend\s+1\/1\s+Running\s+0\s+\S+\s+10\.244\.0\.15/m);
  assert.match(await desk.paste(curl), /HTTP 200/);
  const { outcome, last, caption } = await desk.trace();
  assert.match(outcome, /● Answered: HTTP 200/);
  assert.match(last, /delivered/);
  assert.match(caption, /delivered/);
  await desk.tab("Step");
  await desk.page.locator(".question input").fill("10.244.0.15");
  await desk.page.getByRole("button", { name: "Answer" }).click();
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓", "✓"]);
}

async function lookUp(desk) {
  await desk.step(3);
  const [expose, nslookup] = STEPS[2];
  assert.match(await desk.paste(expose), /^service\/backend exposed$/m);
  // CoreDNS learns of a Service a moment after it was made; a learner is slower than this test.
  await desk.paste("sleep 1\n");
  const answer = await desk.paste(nslookup);
  assert.match(answer, /^Name:\s+backend\.lab-networking\.svc\.cluster\.local$/m);
  assert.match(answer, /NXDOMAIN/);
  assert.match(answer, /^command terminated with exit code 1$/m);
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓"]);
}

async function deny(desk) {
  await desk.step(4);
  const [policy, curl] = STEPS[3];
  assert.match(await desk.paste(policy), /default-deny-all created$/m);
  const blocked = await desk.paste(curl);
  assert.match(blocked, /^command terminated with exit code 28\nConnection blocked as expected!$/m);
  const { outcome, last } = await desk.trace();
  assert.match(outcome, /✕ Timed out/);
  assert.match(last, /dropped/);
  assert.match(last, /backend is isolated for egress by lab-networking\/default-deny-all; no rule admits UDP 53/);
  await desk.answer("The DNS query to CoreDNS, UDP port 53");
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓", "✓"]);
}

async function finish(desk) {
  await desk.step(5);
  const [allow, curl] = STEPS[4];
  assert.match(await desk.paste(allow), /allow-frontend-to-backend created$/m);
  assert.match(await desk.paste(curl), /^command terminated with exit code 28$/m);
  assert.match((await desk.trace()).last, /dropped[\s\S]*frontend is isolated for egress/);
  await desk.answer("No, nothing");
  assert.deepEqual(await desk.checks(), ["✓", "✓"]);

  await desk.step(6);
  const [cat, list] = STEPS[5];
  assert.match(await desk.paste(cat), /cat: '?\/etc\/cni\/net\.d\/\*\.conf'?: No such file or directory/);
  assert.match(await desk.paste(list), /10-calico\.conflist/);
  await desk.paste('gcloud compute ssh node-1 --command "cat /etc/cni/net.d/*.conflist"\n');
  await desk.tab("Step");
  await desk.page.locator(".option").filter({ hasText: "Calico" }).locator("input").check();
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓"]);

  await desk.step(7);
  assert.match(await desk.paste(STEPS[6][0]), /^namespace "lab-networking" deleted/m);
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓"]);
}

const VISITORS = {
  "a wide screen": {},
  "a visitor who wants no motion": { reducedMotion: "reduce" },
  "a phone": { viewport: { width: 390, height: 844 }, hasTouch: true },
};
for (const [name, options] of Object.entries(VISITORS)) {
  test(`LAB-4.1 from start to end, for ${name}`, async (t) => {
    const desk = await open(t, options);
    for (const part of [deploy, reach, lookUp, deny, finish]) await part(desk);
    assert.equal(await desk.page.locator(".steps .done").count(), STEPS.length);
    const sideways = await desk.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(sideways, 0, "the page scrolls in one direction only");
  });
}

test("a reload in the middle brings back the terminal, the cluster, the checks and the trace", async (t) => {
  const desk = await open(t);
  await deploy(desk);
  await reach(desk);
  const before = await desk.log();
  await desk.page.reload();
  await desk.settled();
  assert.equal(await desk.log(), before);
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓", "✓"]);
  assert.match((await desk.trace()).outcome, /HTTP 200/);
  await lookUp(desk);
});

test("what is wrong gets an answer, and nothing is lost", async (t) => {
  const desk = await open(t);
  await deploy(desk);
  const broken = await desk.paste("cat <<EOF | kubectl apply -f -\napiVersion: v1\nkind: [Pod\n  metadata\nEOF\n");
  assert.match(broken, /error: error parsing|error converting|error:/i);
  await desk.paste(`${"x".repeat(1_000_000)}\n`);
  assert.match(await desk.log(), /command not found|File name too long|too long/);
  assert.match(await desk.paste("kubectl run broken --image=no/such-image:1\nsleep 40\nkubectl get pod broken\n"), /ErrImagePull|ImagePullBackOff/);
  await desk.paste(Array.from({ length: 10_000 }, (_, line) => `echo line ${line}\n`).join(""));
  assert.match(await desk.log(), /^line 9999$/m);

  await desk.line.fill("while true; do :; done");
  await desk.line.press("Enter");
  await desk.page.locator(".stop").waitFor();
  // The page answers while the loop runs, and what is typed meanwhile waits.
  await desk.page.getByRole("button", { name: "Keys and settings" }).click();
  await desk.page.getByRole("button", { name: "Close" }).click();
  await desk.line.fill("echo never");
  await desk.line.press("Enter");
  await desk.page.locator(".queue li").waitFor();
  await desk.line.press("Control+c");
  await desk.settled();
  assert.match(await desk.paste("kubectl get pods -n lab-networking --no-headers\n"), /^backend\s+1\/1/m);
  assert.deepEqual(await desk.checks(), ["✓", "✓", "✓", "✓"]);
});

test("progress that cannot be read or kept is told in a sentence", async (t) => {
  const desk = await open(t);
  await desk.page.evaluate(() => localStorage.setItem("hoplab.journal.4.1-networking-fundamentals", "{"));
  await desk.page.reload();
  await desk.page.getByText("cannot be read. The lab starts afresh.").waitFor();
  await desk.page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await desk.settled();
  await desk.paste("echo kept\n");
  await desk.page.getByText("storage is full").waitFor();
});

test("another network plugin starts the lab again, after asking", async (t) => {
  const desk = await open(t);
  await deploy(desk);
  const { page } = desk;
  const plugin = page.locator(".cluster select");
  await plugin.selectOption("Flannel");
  await page.getByRole("button", { name: "Keep working" }).click();
  await page.waitForFunction(() => document.querySelector(".cluster select").value === "Calico");
  assert.match(await desk.log(), /pod\/backend created/);
  await plugin.selectOption("Flannel");
  await page.getByRole("button", { name: "Start again" }).click();
  await page.waitForFunction(() => !document.querySelector(".log").textContent.includes("created"));
  await desk.settled();
  assert.match(await desk.paste("kubectl get pods -A\n"), /kube-flannel/);
  assert.deepEqual(await desk.checks(), ["✗", "–", "–", "–"]);
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds no fault in the lab after a drop, ${colorScheme}`, async (t) => {
    const desk = await open(t, { colorScheme, reducedMotion: "reduce" });
    for (const block of [...STEPS[0], ...STEPS[3]]) await desk.paste(block);
    await desk.page.evaluate(AXE);
    const { violations } = await desk.page.evaluate(() => axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), []);
  });
}

test("the keyboard alone is enough", async (t) => {
  const desk = await open(t, { reducedMotion: "reduce" });
  const { page } = desk;
  await page.keyboard.press("Shift+F6");
  await page.waitForFunction(() => document.activeElement.id === "command-line");
  await page.keyboard.type("kubectl create names");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelector("#command-line").value === "kubectl create namespace ");
  await page.keyboard.type("shop");
  await page.keyboard.press("Enter");
  await desk.settled();
  assert.match(await desk.log(), /namespace\/shop created/);
  await page.keyboard.press("ArrowUp");
  assert.equal(await desk.line.inputValue(), "kubectl create namespace shop");
  await page.keyboard.press("Control+c");
  await desk.settled();
  for (const block of [...STEPS[0], STEPS[1][1]]) await desk.paste(block);

  await page.keyboard.press("F6");
  await page.waitForFunction(() => document.activeElement.closest("#pane-step"));
  await page.keyboard.press("F6");
  await page.waitForFunction(() => document.activeElement.closest(".canvas"));
  const position = () => page.locator(".position").textContent();
  await page.keyboard.press("0");
  const [, count] = (await position()).split("/");
  assert.equal(await position(), `1/${count}`);
  await page.keyboard.press(".");
  await page.keyboard.press(".");
  assert.equal(await position(), `3/${count}`);
  await page.keyboard.press(",");
  assert.equal(await position(), `2/${count}`);
  await page.keyboard.press("?");
  await page.locator("dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
});
