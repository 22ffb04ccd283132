// A bot's conversation over REST, with a client generated from the OpenAPI description.
import createClient from 'openapi-fetch'
import type { paths } from './schema.d.ts'

declare const process: { env: Record<string, string>; exit(code: number): never }

const baseUrl = process.env.BASE
const open = createClient<paths>({ baseUrl })

function fail(step: string, answer: unknown): never {
  console.log(step, JSON.stringify(answer))
  process.exit(1)
}

const token = await open.POST('/api/v1/auth/token', {
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: { username: 'demo', password: 'demo' },
  bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
})
if (!token.data) fail('token', token.error)
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token.data.access_token}` } })

// Identify.
const list = await api.GET('/api/v1/clients', { params: { query: { status: 'Activo', limit: 1 } } })
if (!list.data || list.data.type !== 'success') fail('list', list.data ?? list.error)
const subscriber = list.data.data[0]
const claim = { name: subscriber.name!, address: subscriber.address!, internet_plan_name: subscriber.internet_plan_name! }
const found = await api.POST('/api/v1/clients/resolve', { body: claim })
if (found.data?.action !== 'CLIENT_VERIFIED') fail('resolve', found.data ?? found.error)
const service_id = found.data.data.service_id

// Diagnose.
const ping = await api.POST('/api/v1/{service_id}/ping', { params: { path: { service_id: String(service_id) } }, body: { pings: 4 } })
if (ping.data?.action !== 'PING_CREATED') fail('ping', ping.data ?? ping.error)
const task_id = ping.data.data.task_id
for (let tries = 0; ; tries++) {
  const report = await api.GET('/api/v1/ping/{task_id}', { params: { path: { task_id } } })
  if (!report.data || report.data.type === 'error' || tries > 50) fail('report', report.data ?? report.error)
  if (report.data.action !== 'PING_PENDING') break
  await new Promise((resolve) => setTimeout(resolve, 200))
}

// Open a ticket.
const opened = await api.POST('/api/v1/tickets', { body: { service_id, subject: 'no tiene internet', description: 'El router está en rojo.' } })
if (opened.data?.action !== 'TICKET_CREATED') fail('ticket', opened.data ?? opened.error)

// Read it.
const ticket_id = String(opened.data.data.ticket_id)
const ticket = await api.GET('/api/v1/tickets/{ticket_id}', { params: { path: { ticket_id } } })
if (ticket.data?.action !== 'TICKET_FOUND' || ticket.data.type !== 'success') fail('read', ticket.data ?? ticket.error)

// Close it over GraphQL, because the REST API has no route that closes a ticket.
const closed = await fetch(`${baseUrl}/graphql`, {
  method: 'POST',
  headers: { Authorization: `Bearer ${token.data.access_token}`, 'Content-Type': 'application/json' },
  body: JSON.stringify({
    query: 'mutation ($id: Int!) { answerTicket(input: {ticketId: $id, text: "Listo", status: CLOSED}) { ticket { status } } }',
    variables: { id: Number(ticket_id) },
  }),
})
const answer = await closed.json()
if (answer.data?.answerTicket?.ticket?.status !== 'CLOSED') fail('close', answer)
console.log('closed')
