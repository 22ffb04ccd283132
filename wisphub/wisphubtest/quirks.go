package wisphubtest

// Quirks are the ways in which WispHub Net surprises its callers, each on a switch. The marks say how well a quirk is
// attested: strong (documented, or measured by two), single (one source), conflict (sources disagree), inferred, unknown
// (a choice of ours).
type Quirks struct {
	// PlainHTTPLinks: next and previous begin with http:// even over TLS. Off: the scheme of the request. [strong]
	PlainHTTPLinks bool
	// LinksToOtherHost: next and previous name another host, one that no client can reach. Off: the host that was asked. [strong]
	LinksToOtherHost bool
	// CapLimit: a limit over 300 gives 300 rows, silently. Off: any limit is honoured. [strong]
	CapLimit bool
	// IgnoreUnknownFilters: a parameter that is no filter is ignored, and everything comes back. Off: 400. [strong]
	IgnoreUnknownFilters bool
	// EmptyOnWrongType: text for a numeric filter gives count 0. Off: 400. [strong]
	EmptyOnWrongType bool
	// ExactPhone: telefono must equal the whole stored text. Off: any number of the list will do. [strong]
	ExactPhone bool
	// ForbidBadKey: a bad key gets the 403 and the words of a missing permission. Off: 401, as documented. [conflict]
	ForbidBadKey bool
	// HTMLErrors: an unknown route and /api/ itself answer an HTML page. Off: the same status as JSON. [strong]
	HTMLErrors bool
	// RefuseWrongHost: hosts www.… and app.… answer a 403 page. Off: any host will do. [strong]
	RefuseWrongHost bool
	// RedirectMissingSlash: a path without its last slash answers 301. Off: it is served as if it had one. [single]
	RedirectMissingSlash bool
	// OtherDetail: one client is not the row of the list but another, technical record. Off: the row. [strong]
	OtherDetail bool
	// NullNamesInDetail: usuario and nombre are null in the technical record. Off: absent. [strong that it is one of both]
	NullNamesInDetail bool
	// NoCutOffInDetail: the technical record has no fecha_corte. Off: it has. [conflict]
	NoCutOffInDetail bool
	// PlanFamilies: a plan is found only under the path of its own family, a PCQ plan under none. Off: under any. [strong]
	PlanFamilies bool
	// NumbersInBalance: money in /saldo/ is a number. Off: text. [strong]
	NumbersInBalance bool
	// BalanceOfInvoices: saldo in /saldo/ sums the open invoices, without the row's own saldo. Off: with it. [inferred]
	BalanceOfInvoices bool

	// TicketWindow: the list of tickets without a range of days shows the last 30 days. Off: all. [single; 30 is assumed]
	TicketWindow bool
	// RefuseWideRange: 400 for tickets of more than two months, 62 days from the first to the last. Off: any range. [single]
	RefuseWideRange bool
	// SubjectSuffix: some subjects go on with " - CLIENT NAME". Off: none does. [single]
	SubjectSuffix bool
	// HTMLDescriptions: what people wrote in tickets is HTML with entities and \r\n. Off: plain text. [strong]
	HTMLDescriptions bool
	// HiddenTechnician: some assigned tickets have tecnico null, and only email_tecnico tells. Off: all assigned ones have a name. [single]
	HiddenTechnician bool
	// DigitPriority: the priority of some tickets is "1" to "4". Off: always a label. [conflict]
	DigitPriority bool
	// SlashDates: fecha_inicio and fecha_fin are MM/DD/YYYY here and DD/MM/YYYY there, five hours late.
	// Off: like the estimated dates, on time. [conflict]
	SlashDates bool
	// LooseAnswers: respuestas is null for none, an object for one and a list for several. Off: always a list. [conflict]
	LooseAnswers bool
	// RouterSecrets: the router in a ticket carries a password, "clave-inventada-…" as all of this package.
	// Off: it does not. [strong]
	RouterSecrets bool
	// TextSubjects: the catalogue of subjects is a list of texts. Off: of objects with id and nombre. [unknown]
	TextSubjects bool
	// NoUnknownTask: an unknown task answers 200 and {}. Off: 404. [unknown]
	NoUnknownTask bool

	// EmptyProfileAnswer: a profile's update answers 204. Off: 200 and the profile. [strong that it is one of both]
	EmptyProfileAnswer bool
	// EchoDetail: an update of the technical record answers with all it was given and keeps auto_activar_servicio, comentarios
	// and the notifications alone. Off: it keeps every key that a row has. [strong]
	EchoDetail bool
	// BreakOnZone: PATCH of a client's zona answers a 500 page. Off: as of any other key. [single]
	BreakOnZone bool
	// WarningSentences: the warnings about services that nobody knows are sentences. Off: ids. [unknown]
	WarningSentences bool
	// MultipartTickets: tickets are written as multipart/form-data alone; JSON answers a 500 page, a url-encoded form 415.
	// Off: all three are taken. [conflict]
	MultipartTickets bool

	// The rest are quirks of the data: only [New] reads them, and rows given to [Server.PutRow] stay as they are.

	// TextMoney: money on clients and plans is text such as "65000.00". Off: a number. [strong]
	TextMoney bool
	// PhoneLists: telefono may hold several numbers joined by commas, prefixes and spaces. Off: one number of ten digits. [strong]
	PhoneLists bool
	// LooseCutOff: fecha_corte has no padded day and may be "" or null. Off: always DD/MM/YYYY. [strong]
	LooseCutOff bool
	// NullValues: zona, plan_internet, router, sectorial, tecnico and usuario may be null, a technician's name empty.
	// Off: always there. [strong]
	NullValues bool
	// NullDescriptions: informacion_adicional and falla_general_descripcion are null where empty. Off: "". [strong, by tenant]
	NullDescriptions bool
	// SecretsInRows: client rows carry passwords and coordinates. Off: "". [strong]
	SecretsInRows bool
	// LooseNames: names carry trailing and double spaces now and then. Off: clean. [strong]
	LooseNames bool
	// MixedPlanCase: a plan's tipo is "PPPoE" here and "PPPOE" there. Off: "PPPoE". [conflict]
	MixedPlanCase bool
	// SharedIDs: zones and routers have the same ids and the same names, but not the same id for a name.
	// Off: router ids begin at 101. [strong]
	SharedIDs bool
}

// DefaultQuirks returns WispHub Net as the evidence shows it: everything on, but NullDescriptions and EmptyProfileAnswer, which
// differ by tenant, and TextSubjects, NoUnknownTask and WarningSentences, which nobody has seen.
func DefaultQuirks() Quirks {
	return Quirks{
		PlainHTTPLinks: true, LinksToOtherHost: true, CapLimit: true, IgnoreUnknownFilters: true, EmptyOnWrongType: true,
		ExactPhone: true, ForbidBadKey: true, HTMLErrors: true, RefuseWrongHost: true, RedirectMissingSlash: true,
		OtherDetail: true, NullNamesInDetail: true, NoCutOffInDetail: true, PlanFamilies: true, NumbersInBalance: true,
		BalanceOfInvoices: true, TextMoney: true, PhoneLists: true, LooseCutOff: true, NullValues: true, SecretsInRows: true,
		LooseNames: true, MixedPlanCase: true, SharedIDs: true,
		TicketWindow: true, RefuseWideRange: true, SubjectSuffix: true, HTMLDescriptions: true, HiddenTechnician: true,
		DigitPriority: true, SlashDates: true, LooseAnswers: true, RouterSecrets: true,
		EchoDetail: true, BreakOnZone: true, MultipartTickets: true,
	}
}
