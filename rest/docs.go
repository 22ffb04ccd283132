package rest

import "encoding/json"

// doc describes a route for people and their generators.
type doc struct {
	id, summary string
	query       []parameter
	// body is a value of the type that the handler reads, nil for none; form means as an HTML form sends it.
	body any
	form bool
	// answers are the envelopes of status 200. Each has data of the type of its value, nil for null.
	answers []outcome
	meta    any // of answers that went well, nil for null
	plain   any // what is answered without an envelope
}

type parameter struct{ name, kind, about string }

type outcome struct {
	kind, action string
	data         any
}

func succeeds(action string, data any) outcome { return outcome{"success", action, data} }
func informs(action string, data any) outcome  { return outcome{"info", action, data} }
func fails(action string) outcome              { return outcome{"error", action, nil} }

// clientFields are those of a client as appendClient writes them.
type clientFields struct {
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

type listMeta struct {
	Total int    `json:"total"`
	AsOf  string `json:"as_of"`
}

type tokenBody struct {
	Username  string  `json:"username"`
	Password  string  `json:"password"`
	GrantType *string `json:"grant_type"`
}

type healthy struct {
	Status  string `json:"status"`
	Service string `json:"service"`
}

var (
	docToken  = doc{id: "createToken", summary: "A token for name and password.", body: tokenBody{}, form: true, plain: tokenAnswer{}}
	docHealth = doc{id: "health", summary: "The process answers.", answers: []outcome{succeeds("HEALTH_OK", healthy{})}}

	docListClients = doc{
		id: "listClients", summary: "Every client, or those of a state or zone.", meta: listMeta{},
		query: []parameter{
			{"status", "string", "Activo, Suspendido, Cancelado or Gratis."}, {"zone_id", "integer", "The zone."},
			{"limit", "integer", "How many clients at most; all without it."}, {"offset", "integer", "How many are left out before."},
		},
		answers: []outcome{succeeds("CLIENTS_LISTED", []client{}), fails(actionError)},
	}
	docSearchClients = doc{
		id: "searchClients", summary: "The clients that have every word, each as a part of a word.", meta: listMeta{},
		query:   []parameter{{"q", "string", "Words in any order; every client without any."}},
		answers: []outcome{succeeds("CLIENTS_LISTED", []client{}), succeeds("CLIENT_NOT_FOUND", []client{}), fails("CLIENT_NOT_FOUND")},
	}
	clientFound    = []outcome{succeeds("CLIENT_FOUND", client{}), informs("CLIENT_NOT_FOUND", nil), fails("CLIENT_NOT_FOUND")}
	docByDocument  = doc{id: "clientByDocument", summary: "The client with the document.", answers: clientFound}
	docByPhone     = doc{id: "clientByPhone", summary: "The client with the phone.", answers: clientFound}
	docByServiceID = doc{id: "clientByServiceId", summary: "The client with the service id.", answers: clientFound}
	docResolve     = doc{
		id: "resolveClient", summary: "The one customer whom at least three of the four fit.", body: claimBody{},
		answers: []outcome{succeeds("CLIENT_VERIFIED", client{}), fails("CLIENT_VERIFICATION_FAILED"), fails("CLIENT_NOT_FOUND")},
	}
	docVerify = doc{
		id: "verifyClient", summary: "Which of at least three of the four fit the client.", body: claimBody{},
		answers: []outcome{
			succeeds("CLIENT_VERIFIED", identityCheck{}), succeeds("CLIENT_VERIFICATION_FAILED", identityCheck{}),
			fails("CLIENT_VERIFICATION_FAILED"), fails("CLIENT_NOT_FOUND"),
		},
	}
	docUpdateClient = doc{
		id: "updateClient", summary: "Change the personal record. Absent and null stay, an empty text clears.", body: profileBody{},
		answers: []outcome{succeeds("CLIENT_UPDATED", client{}), fails(actionUpdateFailed), fails("CLIENT_NOT_FOUND")},
	}

	docListPlans = doc{
		id: "listPlans", summary: "The internet plans.",
		answers: []outcome{succeeds("INTERNET_PLANS_LISTED", []listedPlan{}), informs(actionPlanNotFound, nil), fails(actionPlanNotFound)},
	}
	docGetPlan = doc{
		id: "getPlan", summary: "What a plan costs and gives; of a PCQ plan WispHub tells neither.",
		answers: []outcome{
			succeeds("INTERNET_PLAN_FOUND", planDetails{}), succeeds("INTERNET_PLAN_FOUND", notedPlan{}),
			informs(actionPlanNotFound, nil), fails(actionPlanNotFound),
		},
	}
	docPaymentMethods = doc{
		id: "listPaymentMethods", summary: "The ways to pay.",
		answers: []outcome{succeeds("PAYMENT_METHODS_LISTED", []paymentMethod{}), fails(actionError)},
	}

	docCreatePing = doc{
		id: "createPing", summary: "Have the client pinged, 4 times when nothing is said.", body: pingBody{},
		answers: []outcome{succeeds("PING_CREATED", startedPing{}), fails(actionPingFailed)},
	}
	docGetPing = doc{
		id: "getPing", summary: "How the ping went: connection is stable, intermittent, antenna_only, no_internet or pending.",
		answers: []outcome{
			succeeds("STABLE_CONNECTION", connection{}), informs("INTERMITTENT_CONNECTION", connection{}),
			informs("NO_INTERNET", connection{}), informs("PING_PENDING", connection{}), fails(actionPingFailed),
		},
	}

	docCreateTicket = doc{
		id: "createTicket", summary: "Open a ticket. zone_id counts for clients without a zone.", body: ticketBody{},
		answers: []outcome{succeeds("TICKET_CREATED", ticket{}), informs("ZONE_TICKET_LIMIT_REACHED", fullZone{}), fails(actionCreationFailed)},
	}
	docSubjects = doc{
		id: "listSubjects", summary: "The subjects that tickets have, by the priority of a new one.",
		answers: []outcome{succeeds("TICKET_SUBJECTS_LISTED", subjects{}), fails(actionError)},
	}
	docZoneBlocked = doc{
		id: "zoneBlocked", summary: "Whether the zone takes another ticket.",
		answers: []outcome{succeeds("TICKET_FOUND", zoneBlocked{}), fails(actionTicketNotFound)},
	}
	docGetTicket = doc{
		id: "getTicket", summary: "The ticket. Its dates are the planned ones.",
		answers: []outcome{succeeds("TICKET_FOUND", ticket{}), informs(actionTicketNotFound, nil), fails(actionTicketNotFound)},
	}
)
