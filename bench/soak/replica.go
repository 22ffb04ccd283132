package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/bench/launch"
)

const (
	username = "soak"
	password = "soak-password"
)

// replica is one facade. It has several processes when it was killed and started again.
type replica struct {
	number   int
	binary   string
	dir      string
	env      []string
	warnings io.Writer // nil drops them
	session  session

	mu        sync.Mutex // guards the fields below
	processes []*process
	running   bool
}

// process is one process of a replica.
type process struct {
	*launch.Process
	warm atomic.Bool // a list has been answered
}

// startReplicas starts all replicas. The caller must call stopReplicas, even after an error.
func (s *soak) startReplicas(dir string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	for number := 1; number <= s.options.replicas; number++ {
		env, err := s.replicaEnv(number, string(hash))
		if err != nil {
			return err
		}
		r := &replica{number: number, binary: s.options.binary, dir: dir, env: env, warnings: s.options.warnings}
		s.replicas = append(s.replicas, r)
		if err := r.start(); err != nil {
			return err
		}
	}
	return nil
}

// replicaEnv returns the whole environment of a replica. Nothing is inherited, and the working
// directory has no .env.
func (s *soak) replicaEnv(number int, hash string) ([]string, error) {
	env := append(s.upstream.Env(), "API_USERNAME="+username, "API_PASSWORD_HASH="+hash)
	if s.options.cacheURL != "" {
		env = append(env, "CACHE_URL="+s.options.cacheURL)
	}
	if s.options.cacheDir != "" {
		dir, err := filepath.Abs(filepath.Join(s.options.cacheDir, fmt.Sprintf("replica-%d", number)))
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		env = append(env, "CACHE_DIR="+dir)
	}
	return append(env, s.options.set...), nil // the last value of a name wins
}

// stopReplicas stops all replicas at once. It returns an error for each that had exited
// unexpectedly.
func (s *soak) stopReplicas() []error {
	errs := make([]error, len(s.replicas))
	var group sync.WaitGroup
	for i, r := range s.replicas {
		group.Go(func() { errs[i] = r.stop() })
	}
	group.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (r *replica) start() error {
	p, err := launch.Start(launch.Config{Binary: r.binary, Dir: r.dir, Env: r.env, Warnings: r.warnings})
	if err != nil {
		return fmt.Errorf("replica %d: %w", r.number, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.processes = append(r.processes, &process{Process: p})
	r.running = true
	return nil
}

// current returns the running process, nil while the replica is down.
func (r *replica) current() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		return nil
	}
	return r.processes[len(r.processes)-1]
}

// kill kills the process. From then on current returns nil, as if a load balancer knew at once.
func (r *replica) kill() error { return r.end((*launch.Process).Kill) }

func (r *replica) stop() error { return r.end((*launch.Process).Stop) }

// end ends the running process, if any. It returns an error when the process had already exited.
func (r *replica) end(endProcess func(*launch.Process) error) error {
	p := r.current()
	if p == nil {
		return nil
	}
	r.mu.Lock()
	r.running = false
	r.mu.Unlock()
	if err := endProcess(p.Process); err != nil {
		return fmt.Errorf("FAILED: replica %d %w", r.number, err)
	}
	return nil
}
