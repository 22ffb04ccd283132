// Package launch starts the built facade and a simulated WispHub Net on loopback, for the programs
// in bench.
package launch

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 15 * time.Second // the binary waits up to 8 s for running requests
)

// Config says how to start a [Process].
type Config struct {
	// Binary is the path of the binary. Use an absolute one, because Dir is the working directory.
	Binary, Dir string
	// Args are the arguments of the binary. They may be empty.
	Args []string
	// Address is the host:port that the environment tells the binary to listen on, such as
	// [FreeAddress] returns. It is for a log that does not name the address; "" reads the log.
	Address string
	// Env is the whole environment: nothing is inherited. The last value of a name wins.
	Env []string
	// Warnings receives the warnings and errors of the log; nil drops them.
	Warnings io.Writer
}

// Process is one running facade. It is safe for concurrent use.
type Process struct {
	Address  string // such as http://127.0.0.1:43210
	Started  time.Time
	stopping atomic.Bool // Kill or Stop was called
	command  *exec.Cmd
	cancel   context.CancelFunc
	log      *processLog
	exited   chan struct{}
	err      error // why it exited; read it after exited is closed
}

// Start starts the binary and waits until it serves. The caller must call Kill or Stop.
func Start(cfg Config) (*Process, error) {
	// The run's context must not end the process: it still has queries to answer.
	ctx, cancel := context.WithCancel(context.Background())
	p := &Process{Started: time.Now(), cancel: cancel, log: newProcessLog(cfg.Warnings), exited: make(chan struct{})}
	p.command = exec.CommandContext(ctx, cfg.Binary, cfg.Args...)
	p.command.Dir, p.command.Env, p.command.Stderr = cfg.Dir, cfg.Env, p.log
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	p.command.WaitDelay = stopTimeout
	tieToParent(p.command)
	go p.run()
	if cfg.Address != "" {
		go p.log.announce(cfg.Address, p.exited)
	}
	if err := p.waitForAddress(); err != nil {
		_ = p.Stop() // err explains more than the error of Stop
		return nil, err
	}
	return p, nil
}

// run starts the process and waits for its exit on one thread. On Linux, the process dies with the
// thread that started it (see tieToParent).
func (p *Process) run() {
	defer close(p.exited)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p.err = p.command.Run()
}

func (p *Process) waitForAddress() error {
	select {
	case address := <-p.log.serving:
		p.Address = "http://" + address
		return nil
	case <-p.exited:
		return fmt.Errorf("the binary did not start: %v\n%s", p.err, p.log.tail())
	case <-time.After(startTimeout):
		return fmt.Errorf("the binary logged no address within %v; LOG_LEVEL must be info or debug, or Address known\n%s", startTimeout, p.log.tail())
	}
}

// Kill ends the process without warning. It returns an error when the process had already exited.
func (p *Process) Kill() error {
	err := p.unexpectedExit()
	p.stopping.Store(true)
	_ = p.command.Process.Kill() // fails only when the process has exited
	<-p.exited
	p.cancel()
	return err
}

// Stop asks the process to exit and kills it after stopTimeout. It returns an error when the
// process had already exited.
func (p *Process) Stop() error {
	err := p.unexpectedExit()
	p.stopping.Store(true)
	p.cancel()
	<-p.exited
	return err
}

func (p *Process) unexpectedExit() error {
	select {
	case <-p.exited:
		return fmt.Errorf("exited unexpectedly: %v\n%s", p.err, p.log.tail())
	default:
		return nil
	}
}

// Stopping reports whether the process was told to end.
func (p *Process) Stopping() bool { return p.stopping.Load() }

// Usage returns the CPU time and the peak resident memory in megabytes, 0 when it is unknown. ok is
// false while the process runs.
func (p *Process) Usage() (cpu time.Duration, megabytes int64, ok bool) {
	select {
	case <-p.exited:
	default:
		return 0, 0, false
	}
	state := p.command.ProcessState
	if state == nil {
		return 0, 0, false
	}
	return state.UserTime() + state.SystemTime(), peakMemory(state), true
}
