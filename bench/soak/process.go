package main

import (
	"bytes"
	"context"
	"errors"
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
	stopTimeout  = 15 * time.Second // the binary lets requests end for eight
	tailLines    = 20
)

// process is one life of a replica.
type process struct {
	address string // "http://127.0.0.1:43210"
	began   time.Time
	asked   atomic.Bool // to end
	warm    atomic.Bool // it has answered a list
	command *exec.Cmd
	cancel  context.CancelFunc
	log     *processLog
	ended   chan struct{}
	err     error // why, once ended is closed
}

// startProcess runs the binary in folder and waits until it serves. stop must be called. What it warns of goes to
// warnings, unless that is nil.
func startProcess(binary, folder string, environ []string, warnings io.Writer) (*process, error) {
	// The context is not the run's: the queries under way when that ends are still to be answered.
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{began: time.Now(), cancel: cancel, log: newProcessLog(warnings), ended: make(chan struct{})}
	p.command = exec.CommandContext(ctx, binary)
	p.command.Dir, p.command.Env, p.command.Stderr = folder, environ, p.log
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	p.command.WaitDelay = stopTimeout
	tieToParent(p.command)
	go p.run()
	if err := p.awaitAddress(); err != nil {
		_ = p.stop() // err says more
		return nil, err
	}
	return p, nil
}

// run starts the child and waits for its end on one thread: where a child ends with its parent, that is the thread that
// started it.
func (p *process) run() {
	defer close(p.ended)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p.err = p.command.Run()
}

func (p *process) awaitAddress() error {
	select {
	case address := <-p.log.serving:
		p.address = "http://" + address
		return nil
	case <-p.ended:
		return fmt.Errorf("the binary did not start: %v\n%s", p.err, p.log.tail())
	case <-time.After(startTimeout):
		return errors.New("the binary has not said where it serves; is its LOG_LEVEL above info?\n" + p.log.tail())
	}
}

// kill ends the process without warning. It returns an error when it had ended unasked.
func (p *process) kill() error {
	died := p.died()
	p.asked.Store(true)
	_ = p.command.Process.Kill() // it may have ended already
	<-p.ended
	p.cancel()
	return died
}

// stop ends the process as an operator would, and kills it when it does not end. It returns an error when it had ended
// unasked.
func (p *process) stop() error {
	died := p.died()
	p.asked.Store(true)
	p.cancel()
	<-p.ended
	return died
}

func (p *process) died() error {
	select {
	case <-p.ended:
		return fmt.Errorf("ended by itself: %v\n%s", p.err, p.log.tail())
	default:
		return nil
	}
}

// The lines that matter, in both formats of the log.
var (
	servingLine = regexp.MustCompile(`serving.*address"?[=:]"?(127\.0\.0\.1:[0-9]+)`)
	warningLine = regexp.MustCompile(`level"?[=:]"?(WARN|ERROR)`)
)

// processLog finds in a log where the process serves, and keeps the last lines.
type processLog struct {
	serving  chan string // gets the address, once
	warnings io.Writer   // nil for none
	mu       sync.Mutex  // guards what follows
	found    bool
	rest     []byte // a line that has not ended
	lines    []string
}

func newProcessLog(warnings io.Writer) *processLog {
	return &processLog{serving: make(chan string, 1), warnings: warnings}
}

func (l *processLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.add(string(line))
		l.rest = rest
	}
}

// add needs the lock.
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
