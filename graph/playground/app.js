// The page around GraphiQL: login form, user and expiry in the title bar, menu of examples.
import { ask, createFetcher } from "./fetcher.js";

const LOGIN = `mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) { accessToken expiresAt }
}`;

// GraphiQL adds this nonce to the style elements it inserts. The Content-Security-Policy requires it.
globalThis.__webpack_nonce__ = document.querySelector('meta[name="style-nonce"]').content;

const byId = (id) => document.getElementById(id);
const form = document.forms[0];

let token = null; // in memory only: closing or reloading the page logs the user out
let root = null; // React root of GraphiQL; null until a user has logged in

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

// expire shows the login form again and keeps GraphiQL, with its query, behind it. It ignores a late
// response to a request of an earlier session, which must not end the current one.
function expire(refused) {
  if (refused !== token) return;
  token = null;
  showLogin("Your session has expired. Log in again to continue. Your query is kept.");
}

function logOut() {
  // Drop the token even if the server cannot be reached.
  ask({ query: "mutation { logout }" }, token).catch(() => {});
  token = null;
  root.unmount(); // also removes the responses on display
  root = null;
  showLogin("");
}

// ── Display ──────────────────────────────────────────────────────────────────────────────────────────────────────

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

// mount is called after the login, because GraphiQL requests the schema as soon as it is mounted.
function mount() {
  if (root) return;
  root = ReactDOM.createRoot(byId("graphiql"));
  render({ defaultTabs: [{ query: examples[0].query }] });
}

function render(props) {
  root.render(React.createElement(GraphiQL, {
    fetcher,
    // Queries may contain subscribers' names. sessionStorage keeps them only until the tab is closed.
    storage: sessionStorage,
    shouldPersistHeaders: false,
    isHeadersEditorEnabled: false,
    defaultEditorToolsVisibility: false,
    defaultQuery: "",
    ...props,
  }));
}

// openInNewTab clicks GraphiQL's button, because this build exports no function to add a tab. A new
// tab contains the default query.
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

// The button is disabled until this script runs, so the browser cannot submit the form by itself.
form.querySelector("button").disabled = false;
