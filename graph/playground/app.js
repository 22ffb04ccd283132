// The page around GraphiQL: log in, say who is in and until when, offer the examples.
import { ask, createFetcher } from "./fetcher.js";

const LOGIN = `mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) { accessToken expiresAt }
}`;

// GraphiQL marks the style that it writes with this, as the page's policy wants.
globalThis.__webpack_nonce__ = document.querySelector('meta[name="style-nonce"]').content;

const byId = (id) => document.getElementById(id);
const form = document.forms[0];

let token = null; // in memory only: whoever closes or reloads the page is logged out
let root = null; // GraphiQL's, once somebody has logged in

// ── Session ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function logIn(username, password) {
  const { result } = await ask({ query: LOGIN, variables: { username, password } });
  if (result.errors) throw new Error(explain(result.errors[0]));
  const { accessToken, expiresAt } = result.data.login;
  token = accessToken;
  form.reset();
  showSession(username, new Date(expiresAt));
  mount();
}

function explain({ message, extensions }) {
  const wait = extensions?.retryAfter;
  return wait ? `${message} Try again in ${wait} s.` : message;
}

// expire asks for the password again and leaves GraphiQL, with the query, as it is underneath. A late answer to an
// earlier session's request must not end the present one.
function expire(refused) {
  if (refused !== token) return;
  token = null;
  showLogin("Your session has expired. Log in again: your query is still there.");
}

function logOut() {
  // The token is forgotten here whether or not the server could be told.
  ask({ query: "mutation { logout }" }, token).catch(() => {});
  token = null;
  root.unmount(); // with the answers on display
  root = null;
  showLogin("");
}

// ── What is on display ───────────────────────────────────────────────────────────────────────────────────────────

function showSession(username, until) {
  const today = until.toDateString() === new Date().toDateString();
  byId("user").textContent = username;
  byId("until").dateTime = until.toISOString();
  byId("until").textContent = until.toLocaleString([], { timeStyle: "short", dateStyle: today ? undefined : "medium" });
  show({ session: true });
}

function showLogin(message) {
  show({ session: false });
  byId("message").textContent = message;
  form.username.focus();
}

function show({ session }) {
  byId("session").hidden = !session;
  byId("login").hidden = session;
  byId("graphiql").inert = !session;
  byId("message").textContent = "";
}

// ── GraphiQL ─────────────────────────────────────────────────────────────────────────────────────────────────────

const fetcher = createFetcher({ getToken: () => token, onUnauthorized: expire });
const examples = await (await fetch("playground/examples.json")).json();

// mount happens after a login and not before, because GraphiQL asks for the schema as soon as it is there.
function mount() {
  if (root) return;
  root = ReactDOM.createRoot(byId("graphiql"));
  render({ defaultTabs: [{ query: examples[0].query }] });
}

function render(props) {
  root.render(React.createElement(GraphiQL, {
    fetcher,
    // Queries name subscribers: they survive a reload, and go when the browser tab is closed.
    storage: sessionStorage,
    shouldPersistHeaders: false,
    isHeadersEditorEnabled: false,
    defaultEditorToolsVisibility: false,
    defaultQuery: "",
    ...props,
  }));
}

// openInNewTab works through the button, since this build of GraphiQL exports no way to add a tab; a new tab holds
// the default query.
function openInNewTab(query) {
  ReactDOM.flushSync(() => render({ defaultQuery: query }));
  document.querySelector("button.graphiql-tab-add").click();
  render();
}

// ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  byId("message").textContent = "";
  try {
    await logIn(form.username.value, form.password.value);
  } catch (error) {
    byId("message").textContent = error.message;
    form.password.select();
  } finally {
    button.disabled = false;
  }
});

byId("logout").addEventListener("click", logOut);

byId("examples").append(...examples.map(({ name }, index) => new Option(name, index)));
byId("examples").addEventListener("change", ({ target }) => {
  openInNewTab(examples[target.value].query);
  target.value = "";
});

// Without this script the button stays disabled, so that no browser sends the password on its own.
form.querySelector("button").disabled = false;
