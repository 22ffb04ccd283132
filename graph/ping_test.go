package graph_test

import (
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	pingReport = `connection message sent received lossPercent averageMs replies{sequence host received milliseconds error}`
	noInput    = "input does not match any value of interface"
	noARP      = "failure: interface needs to be specified for arp ping"
)

// pingOutcomes are the results of ping tasks, and their reports.
var pingOutcomes = map[string]struct {
	outcome wisphubtest.PingOutcome
	pings   int
	want    string
}{
	"stable": {wisphubtest.PingStable, 2, `{"connection":"STABLE","message":"La conexión es estable.",
		"sent":2,"received":2,"lossPercent":0,"averageMs":1.116,"replies":[
			{"sequence":1,"host":"10.0.0.26","received":true,"milliseconds":1.287,"error":null},
			{"sequence":2,"host":"10.0.0.26","received":true,"milliseconds":0.945,"error":null}]}`},
	"lossy": {wisphubtest.PingLossy, 3, `{"connection":"INTERMITTENT","message":"La conexión es intermitente: algunas pruebas no tuvieron respuesta.",
		"sent":3,"received":2,"lossPercent":33.33,"averageMs":1.659,"replies":[
			{"sequence":1,"host":"10.0.0.26","received":true,"milliseconds":1.287,"error":null},
			{"sequence":2,"host":"10.0.0.26","received":false,"milliseconds":null,"error":"timeout"},
			{"sequence":3,"host":"10.0.0.26","received":true,"milliseconds":2.031,"error":null}]}`},
	"antenna only": {wisphubtest.PingAntennaOnly, 2, `{"connection":"ANTENNA_ONLY","message":"La antena responde, pero el equipo del cliente no.",
		"sent":2,"received":0,"lossPercent":100,"averageMs":null,"replies":[
			{"sequence":1,"host":"198.51.100.7","received":false,"milliseconds":31.402,"error":"host unreachable"},
			{"sequence":2,"host":"10.0.0.26","received":false,"milliseconds":null,"error":"timeout"}]}`},
	"silent": {wisphubtest.PingSilent, 1, `{"connection":"NO_INTERNET","message":"No hay conexión con el equipo del cliente.",
		"sent":1,"received":0,"lossPercent":100,"averageMs":null,"replies":[
			{"sequence":1,"host":"10.0.0.26","received":false,"milliseconds":null,"error":"timeout"}]}`},
	"ARP": {wisphubtest.PingARP, 1, `{"connection":"STABLE","message":"La conexión es estable.",
		"sent":1,"received":1,"lossPercent":0,"averageMs":1.287,"replies":[
			{"sequence":1,"host":"02:00:00:00:00:1A","received":true,"milliseconds":1.287,"error":null}]}`},
	"router error": {wisphubtest.PingRouterError, 1, `{"connection":"ERROR","message":"El router no pudo hacer la prueba de conexión.",
		"sent":0,"received":0,"lossPercent":0,"averageMs":null,"replies":[
			{"sequence":1,"host":null,"received":false,"milliseconds":null,"error":"` + noInput + `"}]}`},
	"ARP error": {wisphubtest.PingARPError, 1, `{"connection":"ERROR","message":"El router no pudo hacer la prueba de conexión.",
		"sent":0,"received":0,"lossPercent":0,"averageMs":null,"replies":[
			{"sequence":1,"host":null,"received":false,"milliseconds":null,"error":"` + noARP + `"}]}`},
	"mixed": {wisphubtest.PingMixed, 2, `{"connection":"STABLE","message":"La conexión es estable.",
		"sent":1,"received":1,"lossPercent":0,"averageMs":1.287,"replies":[
			{"sequence":1,"host":"10.0.0.26","received":true,"milliseconds":1.287,"error":null},
			{"sequence":2,"host":null,"received":false,"milliseconds":null,"error":"` + noInput + `"}]}`},
}

func TestPing_Fields(t *testing.T) {
	t.Parallel()
	for name, tt := range pingOutcomes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.upstream.SetTaskPace(time.Nanosecond) // finished before the first poll
			id := f.upstream.PingTask(tt.outcome, tt.pings)
			wantJSON(t, name, f.data(t, `{task(taskId:"`+id+`"){ping{`+pingReport+`}}}`), `{"task":{"ping":`+tt.want+`}}`)
		})
	}
}
