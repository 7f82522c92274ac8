// Opens the built page in Chromium and keeps a record of everything that must not happen to a visitor.

import { chromium } from "playwright-core";
import { host } from "./host.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // Should the page ask another host for anything, the request fails here and not only in the record.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

// Milliseconds; generous, for a busy machine. Nothing on the page takes a second.
const PATIENCE = 20_000;

/**
 * Opens the page at `route` (such as "#/lab/first-packet") and waits until it has drawn itself.
 * `options` are Playwright's for a context: viewport, reducedMotion, colorScheme…
 * `troubles` are sentences; `close` ends the visit.
 */
export async function visit({ route = "", ...options } = {}) {
  const address = await host();
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();

  const troubles = [];
  page.on("console", (message) => {
    // A broken content security policy is a console error too.
    if (["error", "warning"].includes(message.type())) troubles.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`uncaught: ${error}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== address.origin) troubles.push(`request to another origin: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()} for ${response.url()}`);
  });

  try {
    await page.goto(new URL(route, address).href);
    await page.getByRole("main").waitFor({ state: "attached" });
  } catch (error) {
    await browser.close();
    throw new Error([error.message, ...troubles].join("\n"));
  }
  return { page, address, troubles, close: () => browser.close() };
}

/** A visit for a test: it ends with the test, and fails it on any trouble. */
export async function visitIn(test, options) {
  const { page, troubles, close } = await visit(options);
  test.after(async () => {
    await close();
    if (troubles.length > 0) throw new Error(troubles.join("\n"));
  });
  return page;
}
