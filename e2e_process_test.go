package main

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// process is the program running in a process of its own.
type process struct {
	*site
	command *exec.Cmd
	log     *logBuffer
	ended   chan struct{}
}

var servingAt = regexp.MustCompile(`msg=serving address=(127\.0\.0\.1:\d+)`)

// startProcess runs the program with exactly this environment until it is killed or the test ends.
func startProcess(t *testing.T, environ map[string]string) *process {
	t.Helper()
	p := launchProcess(t, environ)
	p.awaitLogin()
	return p
}

// launchProcess is startProcess that does not wait until the program serves.
func launchProcess(t *testing.T, environ map[string]string) *process {
	t.Helper()
	p := &process{command: exec.Command(os.Args[0]), log: &logBuffer{}, ended: make(chan struct{})}
	p.command.Dir, p.command.Stderr = t.TempDir(), p.log
	p.command.Env = []string{serveInTest + "=1", "LISTEN_ADDR=127.0.0.1:0"}
	for name, value := range environ {
		p.command.Env = append(p.command.Env, name+"="+value)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // always an error, because the process is killed
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	p.site = &site{t: t}
	return p
}

// awaitLogin waits until the program serves, and logs in.
func (p *process) awaitLogin() {
	p.t.Helper()
	poll(p.t, "the process serves", func() bool { return servingAt.MatchString(p.log.String()) })
	p.url = "http://" + servingAt.FindStringSubmatch(p.log.String())[1]
	p.login("ana", "a password")
}

// kill ends the process without a graceful shutdown.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended already
	<-p.ended
}

// clients queries the client list. With ok false, the process has not answered or has answered
// with errors.
func (p *process) clients() (total int, asOf time.Time, ok bool) {
	var data struct {
		Clients *struct {
			TotalCount int
			AsOf       time.Time
		}
	}
	if !p.tryQuery("{ clients(first: 1) { totalCount asOf } }", &data) || data.Clients == nil {
		return 0, time.Time{}, false
	}
	return data.Clients.TotalCount, data.Clients.AsOf, true
}
