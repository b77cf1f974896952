package daemon

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/swimpair/swim/internal/rpc"
	"go.uber.org/goleak"
	"go.uber.org/zap"
)

// TestMain lets the test binary be the daemon as well, so that signals and exit codes are
// those of a real process.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_DAEMON") != "" {
		os.Exit(Main(child()))
	}
	goleak.VerifyTestMain(m)
}

// child says "running" and "stopping", and stops slowly if told so.
func child() Daemon[string] {
	d := testDaemon()
	d.Run = func(ctx context.Context, _ string, env Env) error {
		fmt.Fprintln(env.Stdout, "running")
		<-ctx.Done()
		fmt.Fprintln(env.Stdout, "stopping:", context.Cause(ctx))
		if os.Getenv("BE_THE_DAEMON") == "slow" {
			select {}
		}
		return ctx.Err()
	}
	return d
}

func testDaemon() Daemon[string] {
	return Daemon[string]{
		Name:     "detector",
		Load:     func() (string, []string, error) { return "settings", []string{"beware"}, nil },
		Run:      func(context.Context, string, Env) error { return nil },
		Describe: func(s string) string { return "these are the " + s + "\n" },
		Health:   func(string) (string, []string) { return "127.0.0.1:1", []string{""} },
	}
}

// runMain runs the command line in this process.
func runMain(d Daemon[string], args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = d.main(args, &out, &err)
	return code, out.String(), err.String()
}

func TestEachCommandHasItsExitCodeAndItsOutput(t *testing.T) {
	broken := testDaemon()
	broken.Load = func() (string, []string, error) { return "", nil, errors.New("NODE_ID is missing") }
	failing := testDaemon()
	failing.Run = func(context.Context, string, Env) error { return errors.New("the port is taken") }
	for name, c := range map[string]struct {
		daemon         Daemon[string]
		args           string
		code           int
		stdout, stderr string
	}{
		"no command runs":           {testDaemon(), "", 0, "", ""},
		"run":                       {testDaemon(), "run", 0, "", ""},
		"run that fails":            {failing, "run", 1, "", "detector: the port is taken\n"},
		"run with wrong settings":   {broken, "", 2, "", "detector: NODE_ID is missing\n"},
		"config":                    {testDaemon(), "config", 0, "these are the settings\n", "detector: warning: beware\n"},
		"wrong config":              {broken, "config", 2, "", "detector: NODE_ID is missing\n"},
		"health of wrong config":    {broken, "healthcheck", 2, "", "detector: NODE_ID is missing\n"},
		"version despite wrong env": {broken, "version", 0, "detector " + Version() + "\n", ""},
		"version as a flag":         {broken, "--version", 0, "detector " + Version() + "\n", ""},
		"version, short":            {broken, "-v", 0, "detector " + Version() + "\n", ""},
		"help":                      {broken, "--help", 0, fmt.Sprintf(usage, "detector"), ""},
		"unknown command":           {testDaemon(), "runn", 2, "", "detector: unknown command \"runn\"\n\n" + fmt.Sprintf(usage, "detector")},
		"needless argument":         {testDaemon(), "config all", 2, "", "detector: config takes no arguments, but got \"all\"\n\n" + fmt.Sprintf(usage, "detector")},
	} {
		code, stdout, stderr := runMain(c.daemon, strings.Fields(c.args)...)
		if code != c.code || stdout != c.stdout || stderr != c.stderr {
			t.Errorf("%s: exit %d, stdout %q, stderr %q\nwant %d, %q, %q", name, code, stdout, stderr, c.code, c.stdout, c.stderr)
		}
	}
}

func TestRunGetsItsSettingsAndItsEnvironment(t *testing.T) {
	d := testDaemon()
	d.Run = func(_ context.Context, settings string, env Env) error {
		if settings != "settings" || env.Version != Version() || len(env.Warnings) != 1 {
			t.Errorf("Run got %q and %+v", settings, env)
		}
		_, err := fmt.Fprint(env.Stdout, "hello")
		return err
	}
	if _, stdout, _ := runMain(d); stdout != "hello" {
		t.Errorf("stdout %q, want hello", stdout)
	}
}

func TestACancelledRunThatNobodyAskedForIsAFailure(t *testing.T) {
	d := testDaemon()
	d.Run = func(context.Context, string, Env) error { return context.Canceled }
	if code, _, _ := runMain(d); code != ExitFailure {
		t.Errorf("exit %d, want %d", code, ExitFailure)
	}
}

func TestHealthcheckPrintsALineForEachService(t *testing.T) {
	server := rpc.NewServer(rpc.ServerConfig{Self: rpc.Self{Cluster: "green", Protocol: "1"}, Log: zap.NewNop()})
	lis, err := rpc.TCP{}.Listen(t.Context(), "127.0.0.1:0", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(lis) }()
	server.Health().Set("", true)
	server.Health().Set("swim.pair", false)
	d := testDaemon()
	address := lis.Addr().String()
	d.Health = func(string) (string, []string) { return address, []string{"", "swim.pair"} }
	for args, want := range map[string]struct {
		code   int
		stdout string
	}{
		"healthcheck":           {1, "(server)               SERVING\nswim.pair              NOT_SERVING\n"},
		"healthcheck swim.pair": {1, "swim.pair              NOT_SERVING\n"},
		"healthcheck nobody":    {1, "nobody                 unknown to the server at " + address + "\n"},
	} {
		if code, stdout, _ := runMain(d, strings.Fields(args)...); code != want.code || stdout != want.stdout {
			t.Errorf("%s: exit %d, %q, want %d, %q", args, code, stdout, want.code, want.stdout)
		}
	}
	server.Health().Set("swim.pair", true)
	if code, stdout, _ := runMain(d, "healthcheck"); code != 0 {
		t.Errorf("all serving: exit %d, %q, want 0", code, stdout)
	}
	if err := errors.Join(server.Stop(0), <-served); err != nil {
		t.Error(err)
	}
	code, stdout, _ := runMain(d, "healthcheck", "swim.pair")
	if code != 1 || !strings.Contains(stdout, "no answer from "+address) || !strings.Contains(stdout, "connection refused") {
		t.Errorf("nobody there: exit %d, %q, want 1 and the reason", code, stdout)
	}
}

func TestVersionNamesTheCommit(t *testing.T) {
	got := commitOf([]debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}})
	if want := " (commit 0123456789ab, modified)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := commitOf(nil); got != "" {
		t.Errorf("without a repository: %q, want nothing", got)
	}
}

// process starts this binary as the daemon and waits until it runs.
func process(t *testing.T, mode string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "BE_THE_DAEMON="+mode)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, bufio.NewScanner(out)
}

func wantLine(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	if !lines.Scan() || lines.Text() != want {
		t.Fatalf("the process said %q, want %q", lines.Text(), want)
	}
}

func signalTo(t *testing.T, cmd *exec.Cmd, s os.Signal) {
	t.Helper()
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

func wantExit(t *testing.T, cmd *exec.Cmd, want int) {
	t.Helper()
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("exit code %d (%v), want %d", got, cmd.ProcessState, want)
	}
}

func TestASignalStopsTheDaemonWithExitZero(t *testing.T) {
	for s, name := range map[os.Signal]string{syscall.SIGTERM: "terminated", syscall.SIGINT: "interrupt"} {
		cmd, lines := process(t, "quick")
		wantLine(t, lines, "running")
		signalTo(t, cmd, s)
		wantLine(t, lines, "stopping: "+name)
		wantExit(t, cmd, 0)
	}
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	cmd, lines := process(t, "slow")
	wantLine(t, lines, "running")
	signalTo(t, cmd, syscall.SIGINT)
	wantLine(t, lines, "stopping: interrupt")
	signalTo(t, cmd, syscall.SIGINT)
	wantExit(t, cmd, 1)
}

func TestPauseWaitsForASignalAndNeedsNoSettings(t *testing.T) {
	cmd, lines := process(t, "quick", "pause")
	wantLine(t, lines, "detector: pausing until SIGTERM")
	signalTo(t, cmd, syscall.SIGTERM)
	wantExit(t, cmd, 0)
}
