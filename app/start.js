// Starts the page, and says so when it cannot start or breaks down. Trunk puts a hash into the names of the program's two files;
// its preload links tell them.
const address = (link) => document.querySelector(link).href;

/** Puts a sentence with a way out above everything else. What the learner did is in the browser's storage by then. */
function say(sentence) {
  if (document.querySelector(".breakdown")) return;
  const bar = Object.assign(document.createElement("p"), { className: "breakdown", textContent: `${sentence} ` });
  bar.setAttribute("role", "alert");
  const button = Object.assign(document.createElement("button"), { textContent: "Reload" });
  button.addEventListener("click", () => location.reload());
  bar.append(button);
  document.body.prepend(bar);
}

const broken = () => say("hoplab broke down; that is our fault. Reload to go on: your commands are kept and run again.");
addEventListener("error", (event) => event.error && broken());
addEventListener("unhandledrejection", (event) => event.reason instanceof WebAssembly.RuntimeError && broken());

try {
  const glue = await import(address('link[rel="modulepreload"]'));
  await glue.default({ module_or_path: address('link[rel="preload"][as="fetch"]') });
} catch (error) {
  say(`hoplab could not be loaded (${error.message}).`);
  throw error;
}
