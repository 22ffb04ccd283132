package graph

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// sharedFields are the fields of Query whose answers callers with the same scopes may share for a
// moment. They come from the data that isp.DataVersion counts. All others are refused: what depends
// on the caller (viewer), on the moment (facade, task, node for a task), on a call per question
// (identifyClient, verifyClient), and introspection, which is large and rare.
var sharedFields = []string{
	"__typename",
	"client", "clients",
	"plan", "plans", "zone", "zones", "staff", "paymentMethods",
	"ticket", "tickets", "ticketSubjects",
}

// sharedObjects are the types of the objects in shared answers. So Account and TicketQuota are
// refused, and each type that is new: WispHub and other replicas change them without a count here.
var sharedObjects = []string{
	"Client", "ClientConnection", "ClientEdge", "ClientStats",
	"ClientStatusCount", "InvoiceStatusCount", "ZoneCount", "PlanCount",
	"GeoPoint", "PageInfo", "PaymentMethod", "Plan", "Router", "Sector", "Staff", "Zone",
	"Ticket", "TicketAnswer", "TicketConnection", "TicketEdge", "TicketSubject",
}

// shareable reports whether the answer of a validated operation may be given to other callers with
// the same scopes, while the data is the same. It takes all fragments of the document as if the
// operation used them: a document with a second operation may be refused for its sake.
func shareable(operation *graphql.OperationContext) bool {
	if operation.Operation.Operation != ast.Query || !shareableFields(operation.Operation.SelectionSet) {
		return false
	}
	return !slices.ContainsFunc(operation.Doc.Fragments, func(fragment *ast.FragmentDefinition) bool {
		return !shareableFields(fragment.SelectionSet)
	})
}

func shareableFields(selections ast.SelectionSet) bool {
	return !slices.ContainsFunc(selections, func(selection ast.Selection) bool {
		switch selection := selection.(type) {
		case *ast.Field:
			return !shareableField(selection)
		case *ast.InlineFragment:
			return !shareableFields(selection.SelectionSet)
		default: // a fragment, see shareable
			return false
		}
	})
}

func shareableField(field *ast.Field) bool {
	if field.ObjectDefinition.Name == "Query" && !slices.Contains(sharedFields, field.Name) {
		return false
	}
	if len(field.SelectionSet) == 0 {
		return true
	}
	return slices.Contains(sharedObjects, field.Definition.Type.Name()) && shareableFields(field.SelectionSet)
}
