package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

// assaultFlag makes this program attack, see [startAttackers].
const assaultFlag = "-assault"

// site is what attackers know of a facade.
type site struct {
	Attack     string            // name
	Host       string            // host:port
	Tokens     map[string]string // by user
	Largest    string            // the query with the largest answer that the facade gives
	ServiceIDs []int
}

// attackers are a process that attacks. It has a low priority, because real attackers have
// processors of their own: here they must not take those of the facade and its callers.
type attackers struct {
	command *exec.Cmd
	input   io.WriteCloser
	answers io.Reader
}

// startAttackers starts the attack until end is called.
func startAttackers(s site) (*attackers, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	a := &attackers{command: exec.Command(program, assaultFlag)}
	a.command.Stderr = os.Stderr
	if a.input, err = a.command.StdinPipe(); err != nil {
		return nil, err
	}
	if a.answers, err = a.command.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := a.command.Start(); err != nil {
		return nil, fmt.Errorf("start attackers: %w", err)
	}
	if err := json.NewEncoder(a.input).Encode(s); err != nil {
		_ = a.command.Process.Kill() // err is the cause
		return nil, errors.Join(fmt.Errorf("start attackers: %w", err), a.command.Wait())
	}
	return a, nil
}

// end stops the attackers and returns the answers that they got.
func (a *attackers) end() (answers map[string]int, err error) {
	_ = a.input.Close() // ends the attack
	err = json.NewDecoder(a.answers).Decode(&answers)
	return answers, errors.Join(err, a.command.Wait())
}

// runAttackers is the program of the attackers: it attacks the site that it reads from input until
// the input ends, and writes the answers to output.
func runAttackers(input io.Reader, output io.Writer) error {
	lowerPriority()
	decoder := json.NewDecoder(input)
	var s site
	if err := decoder.Decode(&s); err != nil {
		return err
	}
	at := slices.IndexFunc(attacks(), func(a attack) bool { return a.name == s.Attack })
	if at < 0 {
		return fmt.Errorf("no attack is named %q", s.Attack)
	}
	under := newAssault(context.Background(), s)
	attacks()[at].start(under)
	_, _ = io.Copy(io.Discard, io.MultiReader(decoder.Buffered(), input)) // until the parent closes it, or dies
	return json.NewEncoder(output).Encode(under.end())
}

// attackerToken returns the token of one of the attackers' users.
func (s site) attackerToken(user int) string {
	if user == 0 {
		return s.Tokens[attackerUser]
	}
	return s.Tokens[fmt.Sprint(attackerUser, user)]
}
