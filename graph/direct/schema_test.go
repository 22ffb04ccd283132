package direct_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph/generated"
)

// resolverFields are the fields that memory alone may answer, if a resolver for them is in the table.
// All other fields of answers are written from their object, a new field without a line by hand.
const resolverFields = `Client.account Client.otherServices Client.tickets Facade.users Facade.version
	Plan.clientCount Plan.downloadKbps Plan.downloadSpeed Plan.price Plan.type Plan.uploadKbps Plan.uploadSpeed
	Query.client Query.clients Query.facade Query.identifyClient Query.node Query.paymentMethods Query.plan Query.plans
	Query.staff Query.task Query.ticket Query.ticketSubjects Query.tickets Query.verifyClient Query.viewer Query.zone Query.zones
	Staff.email Staff.username Ticket.client Zone.ticketQuota`

func Test16_3_EveryFieldHasAWriter(t *testing.T) {
	t.Parallel()
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	writers := generated.DirectSchema()
	var resolvers []string
	for name, definition := range schema.Types {
		if definition.Kind != ast.Object || definition.BuiltIn || definition == schema.Mutation || definition == schema.Subscription {
			continue
		}
		for _, field := range definition.Fields {
			written := writers.Objects[name].Fields[field.Name]
			switch {
			case strings.HasPrefix(field.Name, "__"):
			case written.Write == nil:
				t.Errorf("%s.%s has no writer: package scalar may lack an Append function, or gqlgen.yml a binding", name, field.Name)
			case written.Resolver:
				resolvers = append(resolvers, name+"."+field.Name)
			}
			if needs := field.Directives.ForName("hasScope"); needs != nil {
				want := "READ" // the default
				if scope := needs.Arguments.ForName("scope"); scope != nil {
					want = scope.Value.Raw
				}
				if string(written.Scope) != want {
					t.Errorf("%s.%s needs the scope %q, want %q", name, field.Name, written.Scope, want)
				}
			} else if written.Scope != "" {
				t.Errorf("%s.%s needs the scope %q, want none", name, field.Name, written.Scope)
			}
		}
	}
	slices.Sort(resolvers)
	if want := strings.Fields(resolverFields); !slices.Equal(resolvers, want) {
		t.Errorf("fields with resolvers = %q, want %q", resolvers, want)
	}
}
