package graph_test

import "testing"

func TestQuick(t *testing.T) {
	f := newFixture(t, fixtureConfig{})
	f.data(t, `{clients{totalCount}}`)
	t.Log(string(f.send(t, request{token: f.tokenFor(t, ana), body: operation(t, `{__typename a:clients(first:2){__typename edges{cursor node{id name phones balance installedAt plan{name} location{latitude}}} stats{byStatus{status count} byZone{zone{name}}} pageInfo{endCursor hasNextPage} ...X asOf}} fragment X on ClientConnection{totalCount}`, nil)}).body))
	t.Log(f.graphql.DirectAnswers())
}
