package wisphubtest

// Quirks are WispHub's surprises, one switch each. The mark tells the evidence: strong
// (documented, or measured by two sources), single (one source), conflict (sources disagree),
// inferred, unknown (our choice).
type Quirks struct {
	// PlainHTTPLinks: next and previous begin with http:// even over TLS. Off: they use the scheme
	// of the request. [strong]
	PlainHTTPLinks bool
	// LinksToOtherHost: next and previous name another host, which no client can reach. Off: they
	// name the requested host. [strong]
	LinksToOtherHost bool
	// CapLimit: a limit over 300 silently returns 300 rows. Off: any limit is honoured. [strong]
	CapLimit bool
	// IgnoreUnknownFilters: an unknown parameter is ignored, and every row matches. Off: 400.
	// [strong]
	IgnoreUnknownFilters bool
	// EmptyOnWrongType: text for a numeric filter returns count 0. Off: 400. [strong]
	EmptyOnWrongType bool
	// ExactPhone: telefono must equal the whole stored text. Off: one number of the list is
	// enough. [strong]
	ExactPhone bool
	// ForbidBadKey: a bad key gets 403 with the text of a missing permission. Off: 401, as
	// documented. [conflict]
	ForbidBadKey bool
	// HTMLErrors: unknown routes and /api/ return an HTML page. Off: the same status as JSON.
	// [strong]
	HTMLErrors bool
	// RefuseWrongHost: hosts www.… and app.… return a 403 page. Off: any host is accepted.
	// [strong]
	RefuseWrongHost bool
	// RedirectMissingSlash: a path without its final slash returns 301. Off: it is served as if it
	// had one. [single]
	RedirectMissingSlash bool
	// OtherDetail: the path of one client serves another, technical record. Off: the row of the
	// list. [strong]
	OtherDetail bool
	// NullNamesInDetail: usuario and nombre are null in the technical record. Off: absent. [strong
	// that it is one of the two]
	NullNamesInDetail bool
	// NoCutOffInDetail: the technical record lacks fecha_corte. Off: it has it. [conflict]
	NoCutOffInDetail bool
	// PlanFamilies: a plan is served only under its own family's path, a PCQ plan under none. Off:
	// under both. [strong]
	PlanFamilies bool
	// NumbersInBalance: money in /saldo/ is a number. Off: text. [strong]
	NumbersInBalance bool
	// BalanceOfInvoices: saldo in /saldo/ is the sum of the open invoices. Off: plus the saldo of
	// the row. [inferred]
	BalanceOfInvoices bool

	// TicketWindow: the list of tickets without a date range shows the last 30 days. Off: all
	// tickets. [single; 30 is assumed]
	TicketWindow bool
	// RefuseWideRange: a date range of more than 62 days returns 400. Off: any range is accepted.
	// [single]
	RefuseWideRange bool
	// SubjectSuffix: some subjects end with " - CLIENT NAME". Off: none does. [single]
	SubjectSuffix bool
	// HTMLDescriptions: texts of tickets are HTML with entities and \r\n. Off: plain text.
	// [strong]
	HTMLDescriptions bool
	// HiddenTechnician: some assigned tickets have a null tecnico and only an email_tecnico. Off:
	// all assigned tickets have a name. [single]
	HiddenTechnician bool
	// DigitPriority: the priority of some tickets is "1" to "4". Off: always a label. [conflict]
	DigitPriority bool
	// SlashDates: fecha_inicio and fecha_fin are MM/DD/YYYY or DD/MM/YYYY, five hours late. Off:
	// on time, in the format of the estimated dates. [conflict]
	SlashDates bool
	// LooseAnswers: respuestas is null for none, an object for one, a list for several. Off:
	// always a list. [conflict]
	LooseAnswers bool
	// RouterSecrets: the router in a ticket has a password, "clave-inventada-…". Off: it has none.
	// [strong]
	RouterSecrets bool
	// TextSubjects: the catalogue of subjects is a list of strings. Off: of objects with id and
	// nombre. [unknown]
	TextSubjects bool
	// NoUnknownTask: an unknown task returns 200 and {}. Off: 404. [unknown]
	NoUnknownTask bool

	// EmptyProfileAnswer: an update of a profile returns 204. Off: 200 and the profile. [strong
	// that it is one of the two]
	EmptyProfileAnswer bool
	// EchoDetail: an update of the technical record echoes every value, but stores only
	// auto_activar_servicio, comentarios and the notifications. Off: it stores every key of a row.
	// [strong]
	EchoDetail bool
	// BreakOnZone: PATCH of a client's zona returns a 500 page. Off: it acts like other keys.
	// [single]
	BreakOnZone bool
	// WarningSentences: the warnings about unknown services are sentences. Off: ids. [unknown]
	WarningSentences bool
	// MultipartTickets: only multipart/form-data writes tickets. JSON returns a 500 page, a
	// url-encoded form 415. Off: all three are accepted. [conflict]
	MultipartTickets bool

	// The quirks below shape the data. Only [New] reads them; rows given to [Server.PutRow] stay
	// as they are.

	// TextMoney: money on clients and plans is text such as "65000.00". Off: a number. [strong]
	TextMoney bool
	// PhoneLists: telefono may hold several numbers, with commas, prefixes and spaces. Off: one
	// number of ten digits. [strong]
	PhoneLists bool
	// LooseCutOff: fecha_corte has an unpadded day and may be "" or null. Off: always DD/MM/YYYY.
	// [strong]
	LooseCutOff bool
	// NullValues: zona, plan_internet, router, sectorial, tecnico and usuario may be null, and a
	// technician's name empty. Off: always present. [strong]
	NullValues bool
	// NullDescriptions: informacion_adicional and falla_general_descripcion are null if empty.
	// Off: "". [strong, by tenant]
	NullDescriptions bool
	// SecretsInRows: client rows hold passwords and coordinates. Off: "". [strong]
	SecretsInRows bool
	// LooseNames: some names have trailing or double spaces. Off: none has. [strong]
	LooseNames bool
	// MixedPlanCase: the tipo of plans is "PPPoE" or "PPPOE". Off: "PPPoE". [conflict]
	MixedPlanCase bool
	// SharedIDs: zones and routers share ids and names, but one id names two places. Off: router
	// ids begin at 101. [strong]
	SharedIDs bool
}

// DefaultQuirks returns WispHub as the evidence shows it. Off are NullDescriptions and
// EmptyProfileAnswer, which differ by tenant, and TextSubjects, NoUnknownTask and
// WarningSentences, which no source saw.
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
