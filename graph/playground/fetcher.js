// GraphQL over HTTP as the server speaks it: JSON for queries and mutations, server-sent events for subscriptions.

// send posts one request. The address is relative to the page, so that the page also works behind a path prefix.
async function send(request, { token, accept, signal }) {
  const headers = { "Content-Type": "application/json", Accept: accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    return await fetch("graphql", { method: "POST", headers, body: JSON.stringify(request), signal });
  } catch (cause) {
    throw new Error("The server cannot be reached.", { cause });
  }
}

async function readJSON(response) {
  try {
    return await response.json();
  } catch (cause) {
    throw new Error(`The server answered ${response.status}, and not in JSON.`, { cause });
  }
}

// ask runs a query or a mutation and returns the HTTP status beside the GraphQL result.
export async function ask(request, token) {
  const response = await send(request, { token, accept: "application/json" });
  return { status: response.status, result: await readJSON(response) };
}

// createFetcher returns what GraphiQL sends its requests through. getToken is called for each of them;
// onUnauthorized is told the token that the server no longer accepts.
export function createFetcher({ getToken, onUnauthorized }) {
  return (request, { documentAST } = {}) =>
    isSubscription(request, documentAST)
      ? subscription(request, getToken(), onUnauthorized)
      : query(request, getToken(), onUnauthorized);
}

function isSubscription({ operationName }, documentAST) {
  return Boolean(documentAST?.definitions.some(
    ({ operation, name }) => operation === "subscription" && (!operationName || operationName === name?.value),
  ));
}

async function query(request, token, onUnauthorized) {
  const { status, result } = await ask(request, token);
  if (status === 401) onUnauthorized(token);
  return result;
}

// An observable and not an async generator: return() of a generator waits for the next event, abort() does not.
function subscription(request, token, onUnauthorized) {
  return {
    subscribe(observer) {
      const stop = new AbortController();
      follow(request, { token, accept: "text/event-stream", signal: stop.signal }, observer, onUnauthorized)
        .then(() => observer.complete())
        .catch((error) => (stop.signal.aborted ? observer.complete() : observer.error(error)));
      return { unsubscribe: () => stop.abort() };
    },
  };
}

async function follow(request, options, observer, onUnauthorized) {
  const response = await send(request, options);
  if (response.status === 401) onUnauthorized(options.token);
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    observer.next(await readJSON(response)); // refused before the first event
    return;
  }
  for await (const result of events(response.body)) observer.next(result);
}

// events yields the data of each "next" event; comments, which keep the connection alive, have none.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: {"));
      if (data) yield JSON.parse(data.slice("data: ".length));
    }
  }
}
