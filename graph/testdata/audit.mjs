// Runs the audits of the npm package graphql-http against the server at $URL as the caller of $TOKEN, and prints what came of
// each as a line of JSON.
import { serverAudits } from "graphql-http";

const { URL: url, TOKEN: token } = process.env;

const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } });

for (const audit of serverAudits({ url, fetchFn })) {
  const { id, name, status, reason = "" } = await audit.fn();
  console.log(JSON.stringify({ id, name, status, reason }));
}
