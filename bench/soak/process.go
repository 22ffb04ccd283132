package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 15 * time.Second // the binary waits up to 8 s for running requests
	tailLines    = 20
)

// process is one process of a replica.
type process struct {
	address  string // such as http://127.0.0.1:43210
	start    time.Time
	stopping atomic.Bool // kill or stop was called
	warm     atomic.Bool // a list has been answered
	command  *exec.Cmd
	cancel   context.CancelFunc
	log      *processLog
	exited   chan struct{}
	err      error // why it exited; read it after exited is closed
}

// startProcess runs the binary in dir and waits until it serves. The caller must call kill or stop.
// The log's warnings and errors are copied to warnings, unless that is nil.
func startProcess(binary, dir string, env []string, warnings io.Writer) (*process, error) {
	// The run's context must not end the process: it still has queries to answer.
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{start: time.Now(), cancel: cancel, log: newProcessLog(warnings), exited: make(chan struct{})}
	p.command = exec.CommandContext(ctx, binary)
	p.command.Dir, p.command.Env, p.command.Stderr = dir, env, p.log
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	p.command.WaitDelay = stopTimeout
	tieToParent(p.command)
	go p.run()
	if err := p.waitForAddress(); err != nil {
		_ = p.stop() // err explains more than the error of stop
		return nil, err
	}
	return p, nil
}

// run starts the process and waits for its exit on one thread. On Linux, the process dies with the
// thread that started it (see tieToParent).
func (p *process) run() {
	defer close(p.exited)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p.err = p.command.Run()
}

func (p *process) waitForAddress() error {
	select {
	case address := <-p.log.serving:
		p.address = "http://" + address
		return nil
	case <-p.exited:
		return fmt.Errorf("the binary did not start: %v\n%s", p.err, p.log.tail())
	case <-time.After(startTimeout):
		return fmt.Errorf("the binary logged no address within %v; LOG_LEVEL must be info or debug\n%s", startTimeout, p.log.tail())
	}
}

// kill ends the process without warning. It returns an error when the process had already exited.
func (p *process) kill() error {
	err := p.unexpectedExit()
	p.stopping.Store(true)
	_ = p.command.Process.Kill() // fails only when the process has exited
	<-p.exited
	p.cancel()
	return err
}

// stop asks the process to exit and kills it after stopTimeout. It returns an error when the
// process had already exited.
func (p *process) stop() error {
	err := p.unexpectedExit()
	p.stopping.Store(true)
	p.cancel()
	<-p.exited
	return err
}

func (p *process) unexpectedExit() error {
	select {
	case <-p.exited:
		return fmt.Errorf("exited unexpectedly: %v\n%s", p.err, p.log.tail())
	default:
		return nil
	}
}

// Log lines in text and JSON format.
var (
	servingLine = regexp.MustCompile(`serving.*address"?[=:]"?(127\.0\.0\.1:[0-9]+)`)
	warningLine = regexp.MustCompile(`level"?[=:]"?(WARN|ERROR)`)
)

// processLog reads the address from a log and keeps the last lines.
type processLog struct {
	serving  chan string // receives the address, once
	warnings io.Writer   // receives warnings and errors; nil drops them
	mu       sync.Mutex  // guards the fields below
	found    bool        // the address was sent
	partial  []byte      // the last line, without its end
	lines    []string
}

func newProcessLog(warnings io.Writer) *processLog {
	return &processLog{serving: make(chan string, 1), warnings: warnings}
}

func (l *processLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		line, rest, complete := bytes.Cut(l.partial, []byte("\n"))
		if !complete {
			return len(p), nil
		}
		l.add(string(line))
		l.partial = rest
	}
}

// add records a line. The caller must hold mu.
func (l *processLog) add(line string) {
	if match := servingLine.FindStringSubmatch(line); match != nil && !l.found {
		l.found = true
		l.serving <- match[1]
	}
	if l.warnings != nil && warningLine.MatchString(line) {
		fmt.Fprintln(l.warnings, line)
	}
	if len(l.lines) == tailLines {
		l.lines = append(l.lines[:0], l.lines[1:]...)
	}
	l.lines = append(l.lines, line)
}

func (l *processLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
