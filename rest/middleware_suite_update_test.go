package rest

import (
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

var notUpdated = failed("CLIENT_UPDATE_FAILED")

func update(name, body string, want reply) suiteCase { return put(name, "/clients/26", body, want) }

// updated wants Ana with the changed members.
func updated(members ...string) reply { return success("CLIENT_UPDATED", with(anaJSON, members...)) }

// keepsNothing makes WispHub confirm writes of a field and store nothing.
func keepsNothing(field string) func(*testing.T, *testServer) {
	return func(_ *testing.T, s *testServer) { s.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{field}}) }
}

// answers makes WispHub answer a call with a literal.
func answers(call string, status int, body string) func(*testing.T, *testServer) {
	return func(_ *testing.T, s *testServer) { s.literals.Store(call, literal{status, body}) }
}

var updateCases = []suiteCase{
	update("name", `{"name":"Ana María"}`, updated(`"name":"*"`)),
	update("last_name", `{"last_name":"Gómez"}`, updated(`"name":"~Gómez$"`)),
	update("name and last_name", `{"name":"Eva","last_name":"Gómez Ruiz"}`, updated(`"name":"Eva Gómez Ruiz"`)),
	update("document", `{"document":"98765432"}`, updated(`"document":"98765432"`)),
	update("address", `{"address":"Av. Siempreviva 742"}`, updated(`"address":"Av. Siempreviva 742"`)),
	update("locality", `{"locality":"Chapinero"}`, updated(`"locality":"Chapinero"`)),
	update("city", `{"city":"Medellín"}`, updated(`"city":"Medellín"`)),
	update("phone", `{"phone":"3109876543"}`, updated(`"phone":"3109876543"`)),
	update("balance as a number", `{"balance":20000}`, updated(`"outstanding_balance":20000`)),
	update("balance as a text", `{"balance":"20000"}`, updated(`"outstanding_balance":20000`)),
	update("balance with cents", `{"balance":"20000.50"}`, updated(`"outstanding_balance":20000.5`)),
	update("a credit", `{"balance":"-50000"}`, updated(`"outstanding_balance":-50000`)),
	update("balance 0", `{"balance":0}`, updated(`"outstanding_balance":0`)),
	update("all fields", `{"name":"Ana","last_name":"López","document":"98765432","address":"Calle 1","locality":"Norte","city":"Bello","phone":"3109876543","balance":"7"}`,
		updated(`"name":"Ana López"`, `"document":"98765432"`, `"address":"Calle 1"`, `"locality":"Norte"`, `"city":"Bello"`, `"phone":"3109876543"`, `"outstanding_balance":7`)),
	put("a client with gaps", "/clients/30", `{"city":"Bello"}`, success("CLIENT_UPDATED", with(boJSON, `"city":"Bello"`))),

	update("one field and nulls", `{"city":"Bello","name":null,"last_name":null,"document":null,"address":null,"locality":null,"phone":null,"balance":null}`, updated(`"city":"Bello"`)),
	update("one field and an unknown one", `{"city":"Bello","email":"x"}`, updated(`"city":"Bello"`)),
	update("a blank text clears", `{"locality":""}`, updated(`"locality":null`)),
	update("a blank name", `{"name":" "}`, invalid("name")),

	update("nothing", `{}`, notUpdated),
	update("only nulls", `{"name":null,"phone":null,"balance":null}`, notUpdated),
	update("only a blank balance", `{"balance":""}`, notUpdated),
	update("only an unknown field", `{"email":"x"}`, notUpdated),
	put("unknown id", "/clients/99", `{"city":"Bello"}`, notUpdated),
	put("unknown id and nothing", "/clients/99", `{}`, notUpdated),
	put("id that is no number", "/clients/abc", `{"city":"Bello"}`, notUpdated),
	put("id that is no number and nothing", "/clients/abc", `{}`, notUpdated),
	put("id 0", "/clients/0", `{"city":"Bello"}`, notUpdated),
	put("negative id", "/clients/-26", `{"city":"Bello"}`, notUpdated),
	put("id too large", "/clients/99999999999999999999", `{"city":"Bello"}`, notUpdated),
	put("a route's name for an id", "/clients/search", `{"city":"Bello"}`, notUpdated),
	update("not applied", `{"phone":"3110000000"}`, notUpdated).after(keepsNothing("telefono")),
	update("balance not applied", `{"balance":5}`, notUpdated).after(keepsNothing("saldo")),
	update("one of two not applied", `{"city":"Bello","phone":"3110000000"}`, notUpdated).after(keepsNothing("telefono")),
	update("refused", `{"city":"Bello"}`, notUpdated).after(answers("PUT /api/clientes/26/perfil/", 400, `{"ciudad":["No es válida."]}`)),
	update("removed meanwhile", `{"city":"Bello"}`, notUpdated).after(answers("PUT /api/clientes/26/perfil/", 404, `{"detail":"No encontrado."}`)),

	update("a text that is none", `{"city":5}`, invalid("city")),
	update("a balance that is none", `{"balance":"mucho"}`, invalid("balance")),
	update("three wrong fields", `{"name":[],"city":true,"balance":"x"}`, invalid("name", "city", "balance")),
	put("unknown id and a wrong field", "/clients/99", `{"city":5}`, invalid("city")),
	update("no object", `"x"`, invalid("body")),
	update("no JSON", `{`, invalid("body")),
	update("no body", ``, reply{422, envelopeJSON("error", "ERROR", "", "~^Error de validación: ")}),
}
