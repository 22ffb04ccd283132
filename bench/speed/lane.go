package main

import "fmt"

// The servers that are measured.
const (
	bareServer     = "bare"
	gqlgenServer   = "gqlgen"
	facadeServer   = "facade"
	unsharedServer = "facade, sharing off"
)

// lane is a way to ask a server.
type lane struct {
	name   string
	server string
	fresh  bool // each request differs from all others
	about  string
}

// lanes are all lanes. The first two are the yardsticks.
var lanes = []lane{
	{name: "bare", server: bareServer, about: "bare net/http, ready bytes"},
	{name: "gqlgen", server: gqlgenServer, fresh: true, about: "gqlgen as generated"},
	{name: "repeated", server: facadeServer, about: "repeated"},
	{name: "fresh", server: facadeServer, fresh: true, about: "never repeated"},
	{name: "unshared", server: unsharedServer, fresh: true, about: "never repeated, sharing off"},
}

func laneNamed(name string) (lane, error) {
	for _, l := range lanes {
		if l.name == name {
			return l, nil
		}
	}
	return lane{}, fmt.Errorf("no lane is named %q", name)
}
