package rest

import "testing"

const (
	tooFewFields = "Se requieren al menos 3 campos para la verificación."
	threeClaims  = `{"name":"ana","address":"chapa","internet_plan_name":"fibra"}`
)

var (
	anaVerified = success("CLIENT_VERIFIED", anaJSON)
	noMatch     = failed("CLIENT_NOT_FOUND")
	tooFew      = failedWith("CLIENT_VERIFICATION_FAILED", tooFewFields)
)

func resolve(name, body string, want reply) suiteCase {
	return post(name, "/clients/resolve", body, want)
}

// sharing adds a client who fits the claims of Ana too.
func sharing(document, state string, id int) func(*testing.T, *testServer) {
	return func(_ *testing.T, s *testServer) {
		s.upstream.PutRow(row{
			"id_servicio": id, "nombre": "Ana Pérez", "cedula": document, "direccion": "La Chapa", "estado": state, "precio_plan": "65000.00",
			"plan_internet": row{"id": 3, "nombre": "Plan 50 Fibra"},
		})
	}
}

// suspendAna makes another service of Ana's document the only active one.
func suspendAna(t *testing.T, s *testServer) {
	change(row{"estado": "Suspendido"})(t, s)
	sharing("1000000001", "Activo", 40)(t, s)
}

var resolveCases = []suiteCase{
	resolve("all four", `{"name":"Ana Pérez","address":"Vereda \"La Chapa\" <1>","internet_plan_name":"Plan 50 Fibra","internet_plan_price":65000}`, anaVerified),
	resolve("without the price", `{"name":"ana","address":"chapa","internet_plan_name":"fibra"}`, anaVerified),
	resolve("without the plan", `{"name":"ana","address":"chapa","internet_plan_price":65000}`, anaVerified),
	resolve("without the address", `{"name":"ana","internet_plan_name":"fibra","internet_plan_price":65000}`, anaVerified),
	resolve("without the name", `{"address":"chapa","internet_plan_name":"fibra","internet_plan_price":65000}`, anaVerified),
	resolve("three, one null", `{"name":"ana","address":"chapa","internet_plan_name":"fibra","internet_plan_price":null}`, anaVerified),
	resolve("an unknown field", `{"name":"ana","address":"chapa","internet_plan_name":"fibra","document":"77"}`, anaVerified),
	resolve("two", `{"name":"ana","address":"chapa"}`, tooFew),
	resolve("two, and null", `{"name":"ana","address":"chapa","internet_plan_name":null,"internet_plan_price":null}`, tooFew),
	resolve("two, and blank", `{"name":"ana","address":"chapa","internet_plan_name":" "}`, tooFew),
	resolve("one", `{"name":"ana"}`, tooFew),
	resolve("none", `{}`, tooFew),
	resolve("no object", `[]`, invalid("body")),
	resolve("no JSON", `{"name":`, invalid("body")),
	resolve("no body", ``, reply{422, envelopeJSON("error", "ERROR", "", "~^Error de validación: ")}),
	resolve("a name that is no text", `{"name":5,"address":"chapa","internet_plan_name":"fibra"}`, invalid("name")),
	resolve("a price that is no number", `{"name":"ana","address":"chapa","internet_plan_price":"mucho"}`, invalid("internet_plan_price")),
	resolve("two wrong fields", `{"name":[],"address":"chapa","internet_plan_price":"x"}`, invalid("name", "internet_plan_price")),

	resolve("another name", `{"name":"eva","address":"chapa","internet_plan_name":"fibra"}`, noMatch),
	resolve("another address", `{"name":"ana","address":"el rosal","internet_plan_name":"fibra"}`, noMatch),
	resolve("another plan", `{"name":"ana","address":"chapa","internet_plan_name":"rural"}`, noMatch),
	resolve("another price", `{"name":"ana","address":"chapa","internet_plan_price":45000}`, noMatch),
	resolve("three match, the fourth does not", `{"name":"ana","address":"chapa","internet_plan_name":"fibra","internet_plan_price":45000}`, noMatch),
	resolve("more than the client's", `{"name":"ana pérez gómez","address":"chapa","internet_plan_name":"fibra"}`, noMatch),

	resolve("case", `{"name":"ANA PÉREZ","address":"LA CHAPA","internet_plan_name":"FIBRA"}`, anaVerified).after(change(row{"direccion": "la chapa"})).likeAna(`"address":"la chapa"`),
	resolve("accents", `{"name":"ana perez","address":"chápa","internet_plan_name":"fíbra"}`, anaVerified),
	resolve("spaces", `{"name":"  ana   pérez ","address":" chapa ","internet_plan_name":"50  fibra"}`, anaVerified),
	resolve("v/ before the place", `{"name":"ana","address":"V/ La Chapa","internet_plan_name":"fibra"}`, anaVerified).after(change(row{"direccion": "La Chapa"})).likeAna(`"address":"La Chapa"`),
	resolve("vda/ before the place", `{"name":"ana","address":"VDA/La Chapa","internet_plan_name":"fibra"}`, anaVerified).after(change(row{"direccion": "La Chapa"})).likeAna(`"address":"La Chapa"`),
	resolve("vereda before the place", `{"name":"ana","address":"vereda la chapa","internet_plan_name":"fibra"}`, anaVerified).after(change(row{"direccion": "V/La Chapa"})).likeAna(`"address":"V/La Chapa"`),
	resolve("barrio before the place", `{"name":"ana","address":"Barrio Centro","internet_plan_name":"fibra"}`, anaVerified).after(change(row{"direccion": "B/ Centro"})).likeAna(`"address":"B/ Centro"`),
	resolve("b/ before the place", `{"name":"ana","address":"b/ centro","internet_plan_name":"fibra"}`, anaVerified).after(change(row{"direccion": "Barrio Centro"})).likeAna(`"address":"Barrio Centro"`),

	resolve("price as a text", `{"name":"ana","address":"chapa","internet_plan_price":"65000"}`, anaVerified),
	resolve("price with a decimal", `{"name":"ana","address":"chapa","internet_plan_price":65000.0}`, anaVerified),
	resolve("price 0.99 above", `{"name":"ana","address":"chapa","internet_plan_price":65000.99}`, anaVerified),
	resolve("price 0.99 below", `{"name":"ana","address":"chapa","internet_plan_price":64999.01}`, anaVerified),
	resolve("price 1 above", `{"name":"ana","address":"chapa","internet_plan_price":65001}`, noMatch),
	resolve("price 1 below", `{"name":"ana","address":"chapa","internet_plan_price":64999}`, noMatch),
	resolve("price of the plan", `{"name":"ana","address":"chapa","internet_plan_price":65000}`, anaVerified).after(change(row{"precio_plan": "0.00"})).likeAna(`"internet_plan_price":null`),
	resolve("another price than the plan's", `{"name":"ana","address":"chapa","internet_plan_price":45000}`, noMatch).after(change(row{"precio_plan": ""})),
	resolve("price of neither client nor plan", `{"name":"ana","address":"chapa","internet_plan_price":40000}`, noMatch).
		after(change(row{"precio_plan": "", "plan_internet": row{"id": 15, "nombre": "PCQ Veredas"}})),
	resolve("the client's price, not the plan's", `{"name":"ana","address":"chapa","internet_plan_price":65000}`, noMatch).after(change(row{"precio_plan": "60000.00"})),

	resolve("two customers", threeClaims, noMatch).after(sharing("77", "Activo", 40)),
	resolve("two customers, one without a document", threeClaims, noMatch).after(sharing("", "Activo", 40)),
	resolve("two customers, one suspended", threeClaims, noMatch).after(sharing("77", "Suspendido", 40)),
	resolve("two services, both active", threeClaims, anaVerified).after(sharing("1000000001", "Activo", 40)),
	resolve("two services, this one active", threeClaims, anaVerified).after(sharing("1000000001", "Suspendido", 20)),
	resolve("two services, the other one active", threeClaims, success("CLIENT_VERIFIED", with(boJSON,
		`"service_id":40`, `"name":"Ana Pérez"`, `"document":"1000000001"`, `"address":"La Chapa"`, `"payment_status":"Activo"`,
		`"internet_plan_name":"Plan 50 Fibra"`, `"internet_plan_price":65000`))).after(suspendAna),
}

// likeAna wants Ana with other members.
func (c suiteCase) likeAna(members ...string) suiteCase {
	c.want = success("CLIENT_VERIFIED", with(anaJSON, members...))
	return c
}

func verify(name, body string, want reply) suiteCase {
	return post(name, "/clients/26/verify", body, want)
}

// verified and unverified have the matched fields as JSON.
func verified(fields string) reply {
	return success("CLIENT_VERIFIED", `{"is_valid":true,"matched_fields":[`+fields+`]}`)
}

func unverified(fields string) reply {
	return success("CLIENT_VERIFICATION_FAILED", `{"is_valid":false,"matched_fields":[`+fields+`]}`)
}

var verifyCases = []suiteCase{
	verify("all four", `{"name":"ana","address":"chapa","internet_plan_name":"fibra","internet_plan_price":65000}`,
		verified(`"name","address","internet_plan_name","internet_plan_price"`)),
	verify("without the price", threeClaims, verified(`"name","address","internet_plan_name"`)),
	verify("without the plan", `{"name":"ana","address":"chapa","internet_plan_price":65000}`, verified(`"name","address","internet_plan_price"`)),
	verify("without the address", `{"name":"ana","internet_plan_name":"fibra","internet_plan_price":65000}`, verified(`"name","internet_plan_name","internet_plan_price"`)),
	verify("without the name", `{"address":"chapa","internet_plan_name":"fibra","internet_plan_price":65000}`, verified(`"address","internet_plan_name","internet_plan_price"`)),
	verify("three, one null", `{"name":"ana","address":"chapa","internet_plan_name":"fibra","internet_plan_price":null}`, verified(`"name","address","internet_plan_name"`)),
	verify("another name", `{"name":"eva","address":"chapa","internet_plan_name":"fibra"}`, unverified(`"address","internet_plan_name"`)),
	verify("another price", `{"name":"ana","address":"chapa","internet_plan_price":100.0}`, unverified(`"name","address"`)),
	verify("three match, the fourth does not", `{"name":"ana","address":"chapa","internet_plan_name":"rural","internet_plan_price":65000}`,
		unverified(`"name","address","internet_plan_price"`)),
	verify("none matches", `{"name":"eva","address":"rosal","internet_plan_name":"rural","internet_plan_price":1}`, unverified("")),
	verify("two", `{"name":"ana","address":"chapa"}`, tooFew),
	verify("two, and null", `{"name":"ana","address":"chapa","internet_plan_price":null}`, tooFew),
	verify("none", `{}`, tooFew),
	verify("no JSON", `x`, invalid("body")),
	verify("a price that is no number", `{"name":"ana","address":"chapa","internet_plan_price":"x"}`, invalid("internet_plan_price")),
	verify("price of the plan", `{"name":"ana","address":"chapa","internet_plan_price":65000.5}`, verified(`"name","address","internet_plan_price"`)).after(change(row{"precio_plan": "0"})),
	verify("price of no plan", `{"name":"ana","address":"chapa","internet_plan_price":65000}`, unverified(`"name","address"`)).after(change(row{"precio_plan": "", "plan_internet": nil})),
	verify("a client that others are like", threeClaims, verified(`"name","address","internet_plan_name"`)).after(sharing("77", "Activo", 40)),
	post("a client with gaps", "/clients/30/verify", threeClaims, unverified("")),
	post("unknown client", "/clients/99/verify", threeClaims, failed("CLIENT_NOT_FOUND")),
	post("service id that is no number", "/clients/abc/verify", threeClaims, failed("CLIENT_NOT_FOUND")),
}
