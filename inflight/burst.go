package inflight

import "time"

// pauseBursts requires l.mu. Answers that have been made for longer than [burst] no longer count as
// being made. It must be called before fits, unless watchBursts has set a timer.
func (l *Limiter) pauseBursts() {
	for len(l.bursts) > 0 && !time.Now().Before(l.bursts[0].pauseAt) {
		o := l.bursts[0]
		o.made()
		l.forget(o.user)
	}
}

// watchBursts requires l.mu. It sets the timer for the end of the longest burst while answers wait.
// Without waiters, nothing happens when a burst ends, and a timer for each answer would be wasted.
func (l *Limiter) watchBursts() {
	if l.burstTimer != nil {
		l.burstTimer.Stop()
		l.burstTimer = nil
	}
	if len(l.waiting) > 0 && len(l.bursts) > 0 {
		l.burstTimer = time.AfterFunc(time.Until(l.bursts[0].pauseAt), l.burstEnded)
	}
}

func (l *Limiter) burstEnded() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pauseBursts()
	l.grantAll()
	l.grantTurns()
}
