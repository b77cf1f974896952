package cluster

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopTime is what a daemon gets between SIGTERM and SIGKILL.
const stopTime = 5 * time.Second

// Program is what a Process runs.
type Program struct {
	Name      string // of the Process, in messages
	Path      string
	Args, Env []string
	LogFile   string
	// Said is given each line of stdout and the time of its arrival, if it is set. The
	// line goes to the log as well.
	Said func(at time.Time, line string)
}

// Process is one half of a node: a child process that can be started again after its end.
// Signals go to the process that was started, never to a number that may have been given
// to another one since.
type Process struct {
	Name    string // node1-detector
	LogFile string // stdout and stderr of all its runs

	program Program

	mu   sync.Mutex
	cmd  *exec.Cmd     // of the latest run, nil before the first
	done chan struct{} // closed at the end of the latest run
}

// NewProcess describes a process; nothing runs before it is started. It ends with this
// process, as those of a Cluster do.
func NewProcess(p Program) *Process {
	return &Process{Name: p.Name, LogFile: p.LogFile, program: p}
}

// Start runs the process. It fails if it runs already. The first start empties the log.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && !closed(p.done) {
		return fmt.Errorf("%s runs already, as process %d", p.Name, p.cmd.Process.Pid)
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if p.cmd == nil {
		flags |= os.O_TRUNC
	}
	log, err := os.OpenFile(p.LogFile, flags, 0o644)
	if err != nil {
		return fmt.Errorf("%s: cannot open its log: %w", p.Name, err)
	}
	defer log.Close() // the child has its own
	cmd := exec.Command(p.program.Path, p.program.Args...)
	cmd.Env = p.program.Env
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes()
	run := cmd.Start
	if p.program.Said != nil {
		run = func() error { return p.startHeard(cmd) }
	}
	if err := run(); err != nil {
		return fmt.Errorf("%s: cannot start: %w", p.Name, err)
	}
	done := make(chan struct{})
	p.cmd, p.done = cmd, done
	go func() {
		_ = cmd.Wait() // the exit code is asked for later
		close(done)
	}()
	return nil
}

// startHeard runs the command with its stdout given to Said, line by line, until it ends.
func (p *Process) startHeard(cmd *exec.Cmd) error {
	log, err := os.OpenFile(p.LogFile, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return errors.Join(err, log.Close())
	}
	defer in.Close() // the child has its own
	cmd.Stdout = in
	if err := cmd.Start(); err != nil {
		return errors.Join(err, out.Close(), log.Close())
	}
	go p.listen(out, log)
	return nil
}

// listen until the process has ended; it must never wait for us to read.
func (p *Process) listen(out, log *os.File) {
	defer log.Close()
	defer out.Close()
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if line != "" {
			p.program.Said(time.Now(), strings.TrimSuffix(line, "\n"))
			_, _ = log.WriteString(line) // a copy; nothing depends on it
		}
		if err != nil {
			return
		}
	}
}

// PID of the running process, 0 if none runs.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil || closed(p.done) {
		return 0
	}
	return p.cmd.Process.Pid
}

// Done is closed at the end of the latest run. Only after Start.
func (p *Process) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// ExitCode of the latest run, -1 if it was ended by a signal. Only after Done.
func (p *Process) ExitCode() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.ProcessState.ExitCode()
}

// Log returns what the process has written in all its runs, nothing before the first.
func (p *Process) Log() ([]byte, error) {
	text, err := os.ReadFile(p.LogFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// LastLines returns the end of the log, for an error message; empty if there is none.
func (p *Process) LastLines(n int) string {
	text, err := p.Log()
	if err != nil {
		return ""
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-n):], []byte("\n")))
}

// Signal the process. One that has ended, or was never started, is no error: what the
// signal was for is so already.
func (p *Process) Signal(s os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil || closed(p.done) {
		return nil
	}
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s: cannot send %s: %w", p.Name, s, err)
	}
	return nil
}

// Kill with SIGKILL, and wait for the end.
func (p *Process) Kill() error {
	err := p.Signal(syscall.SIGKILL)
	if done := p.Done(); err == nil && done != nil {
		<-done
	}
	return err
}

// Stop with SIGTERM and wait for the end. A process that is still there after five
// seconds is killed, and that is the error.
func (p *Process) Stop() error {
	if p.PID() == 0 {
		return nil
	}
	if err := errors.Join(p.Signal(syscall.SIGTERM), p.Resume()); err != nil {
		return err
	}
	timer := time.NewTimer(stopTime)
	defer timer.Stop()
	select {
	case <-p.Done():
		return nil
	case <-timer.C:
		return errors.Join(fmt.Errorf("%s did not stop within %s of SIGTERM and was killed", p.Name, stopTime), p.Kill())
	}
}

// Pause freezes the process (SIGSTOP): its connections stay open, it answers nothing.
func (p *Process) Pause() error { return p.Signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (p *Process) Resume() error { return p.Signal(syscall.SIGCONT) }

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
