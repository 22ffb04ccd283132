// GraphQL over HTTP: JSON for queries and mutations, server-sent events for subscriptions.

// send posts one request. The URL is relative, so that the page also works behind a path prefix.
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
    throw new Error(`The server responded with status ${response.status} and a body that is not JSON.`, { cause });
  }
}

// ask runs a query or a mutation. It returns the HTTP status and the GraphQL result.
export async function ask(request, token) {
  const response = await send(request, { token, accept: "application/json" });
  return { status: response.status, result: await readJSON(response) };
}

// createFetcher returns the fetcher that GraphiQL uses. It calls getToken for each request, and
// onUnauthorized with the token when the server rejects it.
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

// subscription returns an observable. With an async generator, unsubscribing would wait for the next
// event; abort() does not.
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
    observer.next(await readJSON(response)); // the server refused the subscription
    return;
  }
  for await (const result of events(response.body)) observer.next(result);
}

// events yields the data of each "next" event. Keep-alive comments have no data and are skipped.
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
