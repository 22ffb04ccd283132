package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"wisphub-graphql/bench/launch"
)

// childFlag makes this program one of the servers beside the facade.
const childFlag = "-child"

// children are the programs that [startChild] starts, by name. Each makes a handler from its arguments.
var children = map[string]func(args []string) (http.Handler, error){
	"bare": newBare, "gqlgen": newPlain, "wisphub": newWispHub,
}

// startChild starts a server in a process of its own, so that its processor time can be told apart.
func startChild(name string, args ...string) (*launch.Process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	process, err := launch.Start(launch.Config{
		Binary: program, Dir: os.TempDir(), Args: append([]string{childFlag, name}, args...),
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return process, nil
}

// runChild serves until the parent kills the process.
func runChild(args []string, stderr io.Writer) error {
	at := slices.Index(args, childFlag)
	if at+1 >= len(args) || children[args[at+1]] == nil {
		return errors.New("no such child")
	}
	handler, err := children[args[at+1]](args[at+2:])
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "serving address=%s\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(listener)
}
