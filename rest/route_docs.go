package rest

import (
	"encoding/json"
	"fmt"

	"wisphub-graphql/isp"
)

// routeDoc describes a route in the OpenAPI description.
type routeDoc struct {
	id, summary string
	query       []parameterDoc
	// body is a value of the type that the handler reads, nil for no body. With form, the body is
	// an HTML form instead of JSON.
	body any
	form bool
	// answers are the envelopes with status 200.
	answers []answerDoc
	// meta is a value of the type of meta in successful answers; nil means that meta is null.
	meta any
	// plain is a value of the type of an answer without an envelope, nil when there is none.
	plain any
}

type parameterDoc struct {
	name, jsonType, description string
	required                    bool
}

// answerDoc describes an envelope. Its data is a value of the type of data; nil means that data is
// null.
type answerDoc struct {
	envelopeType, action string
	data                 any
}

func successDoc(action string, data any) answerDoc { return answerDoc{"success", action, data} }
func infoDoc(action string, data any) answerDoc    { return answerDoc{"info", action, data} }
func errorDoc(action string) answerDoc             { return answerDoc{"error", action, nil} }

// clientSchema has the fields that appendClient writes.
type clientSchema struct {
	ServiceID          int          `json:"service_id"`
	Name               *string      `json:"name"`
	Document           *string      `json:"document"`
	Phone              *string      `json:"phone"`
	Address            *string      `json:"address"`
	City               *string      `json:"city"`
	Locality           *string      `json:"locality"`
	PaymentStatus      *string      `json:"payment_status"`
	ZoneID             *int         `json:"zone_id"`
	AntennaIP          *string      `json:"antenna_ip"`
	CutOffDate         *string      `json:"cut_off_date"`
	OutstandingBalance *json.Number `json:"outstanding_balance"`
	LANInterface       *string      `json:"lan_interface"`
	InternetPlanName   *string      `json:"internet_plan_name"`
	InternetPlanPrice  *json.Number `json:"internet_plan_price"`
	TechnicianID       *int         `json:"technician_id"`
}

// listMetaSchema has the fields of meta that streamClients writes.
type listMetaSchema struct {
	Total int    `json:"total"`
	AsOf  string `json:"as_of"`
}

var (
	docToken = routeDoc{
		id: "createToken", summary: "Issue an access token for a username and password.",
		body: tokenBody{}, form: true, plain: tokenAnswer{},
	}
	docHealth = routeDoc{
		id: "health", summary: "Report that the process is alive.",
		answers: []answerDoc{successDoc("HEALTH_OK", healthStatus{})},
	}

	docListClients = routeDoc{
		id: "listClients", summary: "List all clients, or those with a status or in a zone.", meta: listMetaSchema{},
		query: []parameterDoc{
			{"status", "string", "Only clients with this status: Activo, Suspendido, Cancelado or Gratis.", false},
			{"zone_id", "integer", "Only clients in this zone.", false},
			{"limit", "integer", "Maximum number of clients. Without it, all clients are listed.", false},
			{"offset", "integer", "Number of clients to skip.", false},
		},
		answers: []answerDoc{successDoc("CLIENTS_LISTED", []clientJSON{}), errorDoc(actionError)},
	}
	docSearchClients = routeDoc{
		id: "searchClients", summary: "Find the clients that contain every search word, each as a part of a word.",
		meta:  listMetaSchema{},
		query: []parameterDoc{{"q", "string", "Search words in any order. Blank lists every client.", true}},
		answers: []answerDoc{
			successDoc("CLIENTS_LISTED", []clientJSON{}), successDoc("CLIENT_NOT_FOUND", []clientJSON{}), errorDoc("CLIENT_NOT_FOUND"),
		},
	}
	findClientAnswers = []answerDoc{
		successDoc("CLIENT_FOUND", clientJSON{}), infoDoc("CLIENT_NOT_FOUND", nil), errorDoc("CLIENT_NOT_FOUND"),
	}
	docByDocument  = routeDoc{id: "clientByDocument", summary: "Find the client with this document.", answers: findClientAnswers}
	docByPhone     = routeDoc{id: "clientByPhone", summary: "Find the client with this phone number.", answers: findClientAnswers}
	docByServiceID = routeDoc{id: "clientByServiceId", summary: "Find the client with this service id.", answers: findClientAnswers}
	docResolve     = routeDoc{
		id: "resolveClient", summary: "Find the only client that matches. At least three of the four fields are required.",
		body: claimBody{},
		answers: []answerDoc{
			successDoc("CLIENT_VERIFIED", clientJSON{}), errorDoc("CLIENT_VERIFICATION_FAILED"), errorDoc("CLIENT_NOT_FOUND"),
		},
	}
	docVerify = routeDoc{
		id: "verifyClient", summary: "Check which fields match the client. At least three of the four fields are required.",
		body: claimBody{},
		answers: []answerDoc{
			successDoc("CLIENT_VERIFIED", identityCheck{}), successDoc("CLIENT_VERIFICATION_FAILED", identityCheck{}),
			errorDoc("CLIENT_VERIFICATION_FAILED"), errorDoc("CLIENT_NOT_FOUND"),
		},
	}
	docUpdateClient = routeDoc{
		id:      "updateClient",
		summary: "Change a client's personal record. An absent or null field stays unchanged; an empty text clears the field. balance needs the scope BILLING, too.",
		body:    clientUpdateBody{},
		answers: []answerDoc{successDoc("CLIENT_UPDATED", clientJSON{}), errorDoc(actionUpdateFailed)},
	}

	docListPlans = routeDoc{
		id: "listPlans", summary: "List the internet plans.",
		answers: []answerDoc{
			successDoc("INTERNET_PLANS_LISTED", []planItem{}), infoDoc(actionPlanNotFound, nil), errorDoc(actionPlanNotFound),
		},
	}
	docGetPlan = routeDoc{
		id: "getPlan", summary: "Get a plan's price and speeds. WispHub publishes neither for PCQ plans.",
		answers: []answerDoc{
			successDoc("INTERNET_PLAN_FOUND", planDetails{}), successDoc("INTERNET_PLAN_FOUND", pcqPlan{}),
			infoDoc(actionPlanNotFound, nil), errorDoc(actionPlanNotFound),
		},
	}
	docPaymentMethods = routeDoc{
		id: "listPaymentMethods", summary: "List the payment methods.",
		answers: []answerDoc{successDoc("PAYMENT_METHODS_LISTED", []paymentMethod{}), errorDoc(actionError)},
	}

	docCreatePing = routeDoc{
		id:      "createPing",
		summary: fmt.Sprintf("Ping a client with %d to %d probes, %d by default.", isp.MinPings, isp.MaxPings, isp.DefaultPings),
		body:    pingBody{},
		answers: []answerDoc{successDoc("PING_CREATED", pingTask{}), errorDoc(actionPingFailed)},
	}
	docGetPing = routeDoc{
		id:      "getPing",
		summary: "Get the result of a ping: connection is stable, intermittent, antenna_only, no_internet or pending.",
		answers: []answerDoc{
			successDoc("STABLE_CONNECTION", pingResult{}), infoDoc("INTERMITTENT_CONNECTION", pingResult{}),
			infoDoc("NO_INTERNET", pingResult{}), infoDoc("PING_PENDING", pingResult{}), errorDoc(actionPingFailed),
		},
	}

	docCreateTicket = routeDoc{
		id: "createTicket", summary: "Open a ticket. zone_id is used only when the client has no zone.", body: ticketBody{},
		answers: []answerDoc{
			successDoc("TICKET_CREATED", ticket{}), infoDoc("ZONE_TICKET_LIMIT_REACHED", zoneLimit{}), errorDoc(actionTicketCreationFailed),
		},
	}
	docSubjects = routeDoc{
		id: "listSubjects", summary: "List the ticket subjects, grouped by the priority of a new ticket.",
		answers: []answerDoc{successDoc("TICKET_SUBJECTS_LISTED", subjectList{}), errorDoc(actionError)},
	}
	docZoneBlocked = routeDoc{
		id: "zoneBlocked", summary: "Check whether a zone has reached its maximum of active tickets.",
		answers: []answerDoc{successDoc("TICKET_FOUND", zoneStatus{}), errorDoc(actionError)},
	}
	docGetTicket = routeDoc{
		id: "getTicket", summary: "Get a ticket. created_at and end_date are the estimated start and end.",
		answers: []answerDoc{successDoc("TICKET_FOUND", ticket{}), infoDoc(actionTicketNotFound, nil), errorDoc(actionTicketNotFound)},
	}
)
