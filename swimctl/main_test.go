package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/internal/daemon"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/wire"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

func TestMain(m *testing.M) {
	flag.Parse()
	time.Local = time.UTC // the watch table prints local times
	os.Exit(m.Run())
}

// result of one run of swimctl.
type result struct {
	code           int
	stdout, stderr string
}

func swimctl(ctx context.Context, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, &stdout, &stderr, func() time.Time { return noon })
	return result{code, stdout.String(), stderr.String()}
}

// checkGolden compares text with testdata/<name>, or writes it there with -update. The
// fake node's port differs from run to run and is written as ADDR.
func checkGolden(t *testing.T, name, addr, text string) {
	t.Helper()
	got := strings.ReplaceAll(text, addr, "ADDR")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read the diff).\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

func TestMembersPrintsARowForEveryMember(t *testing.T) {
	for _, format := range []string{"table", "json"} {
		t.Run(format, func(t *testing.T) {
			node := &fakeNode{}
			node.list.Node, node.list.Members, node.list.Revision = status1, oneOfEach(), 12
			addr := node.start(t)
			got := swimctl(t.Context(), "members", "--addr", addr, "-o", format)
			if got.code != 0 || got.stderr != "" {
				t.Errorf("exit code %d, stderr %q, want 0 and nothing", got.code, got.stderr)
			}
			checkGolden(t, "members."+format, addr, got.stdout)
		})
	}
}

func TestMembersOfANodeThatKnowsNobodyIsAnEmptyArray(t *testing.T) {
	node := &fakeNode{}
	node.list.Node = status1
	got := swimctl(t.Context(), "members", "--addr", node.start(t), "-o", "json")
	if got.code != 0 || got.stdout != "[]\n" {
		t.Errorf("exit code %d, stdout %q, want 0 and []", got.code, got.stdout)
	}
}

func TestWatchPrintsTheListThenEveryChangeAndExitsWith1WhenTheNodeStops(t *testing.T) {
	for _, format := range []string{"table", "json"} {
		t.Run(format, func(t *testing.T) {
			node := &fakeNode{events: story()}
			addr := node.start(t)
			got := swimctl(t.Context(), "watch", "--addr", addr, "-o", format)
			if got.code != 1 {
				t.Errorf("exit code %d, want 1", got.code)
			}
			checkGolden(t, "watch."+format, addr, got.stdout)
			checkGolden(t, "watch.stderr", addr, got.stderr)
		})
	}
}

// TestWhatANodeTellsProgramsWhenItStopsIsNoOrderToThePerson: a node ends its streams with
// "reconnect", which is for programs.
func TestWhatANodeTellsProgramsWhenItStopsIsNoOrderToThePerson(t *testing.T) {
	stopping := func(context.Context) error {
		return status.Error(codes.Unavailable, "this server is stopping: reconnect")
	}
	node := &fakeNode{events: story(), after: stopping}
	for command, golden := range map[string]string{"watch": "watch.stderr", "members": "stopping.stderr"} {
		addr := node.start(t)
		got := swimctl(t.Context(), command, "--addr", addr)
		if got.code != 1 {
			t.Errorf("%s: exit code %d, want 1", command, got.code)
		}
		checkGolden(t, golden, addr, got.stderr)
	}
}

func TestWatchJSONIsOneObjectPerLineInTheOrderOfRevisions(t *testing.T) {
	node := &fakeNode{events: story()}
	got := swimctl(t.Context(), "watch", "--addr", node.start(t), "-o", "json")
	var last uint64
	for line := range strings.Lines(got.stdout) {
		var row change
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if row.Revision < last {
			t.Errorf("revision %d comes after %d", row.Revision, last)
		}
		last = row.Revision
	}
	if last != 11 {
		t.Errorf("the last revision is %d, want 11", last)
	}
}

func TestWatchEndedByCtrlCExitsWith0(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	node := &fakeNode{events: story(), after: func(ctx context.Context) error {
		interrupt() // all events are out, the operator has seen enough
		return hang(ctx)
	}}
	got := swimctl(ctx, "watch", "--addr", node.start(t))
	if got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q, want 0 and nothing", got.code, got.stderr)
	}
}

func TestSwimctlSaysThatItIsSwimctlAndNoNode(t *testing.T) {
	for _, command := range []string{"members", "watch"} {
		t.Run(command, func(t *testing.T) {
			node := &fakeNode{}
			node.list.Node = status1
			swimctl(t.Context(), command, "--addr", node.start(t))
			md := <-node.seen
			if got := md.Get("swim-component"); len(got) != 1 || got[0] != "swimctl" {
				t.Errorf("swim-component is %q, want swimctl", got)
			}
			if got := md.Get("swim-node"); len(got) != 0 {
				t.Errorf("swim-node is %q, want none", got)
			}
		})
	}
}

func TestFailuresOfTheNodeExitWith1AndSayWhatToDo(t *testing.T) {
	closed := freeAddress(t)
	frozen := (&fakeNode{after: hang}).start(t)
	frozenWatch := (&fakeNode{events: story()[:1], after: hang}).start(t)
	empty := serve(t, grpc.NewServer()) // speaks gRPC, has no Membership
	cases := []struct {
		name, addr string
		args       []string
	}{
		{"refused.stderr", closed, []string{"members", "--addr", closed}},
		{"refused.stderr", closed, []string{"watch", "--addr", closed}},
		{"silent.stderr", frozen, []string{"members", "--addr", frozen, "--timeout", "50ms"}},
		{"silent-watch.stderr", frozenWatch, []string{"watch", "--addr", frozenWatch, "--timeout", "1s"}},
		{"no-disseminator.stderr", empty, []string{"members", "--addr", empty}},
		{"no-disseminator.stderr", empty, []string{"watch", "--addr", empty}},
	}
	for _, c := range cases {
		t.Run(c.args[0]+" "+c.name, func(t *testing.T) {
			got := swimctl(t.Context(), c.args...)
			if got.code != 1 {
				t.Errorf("exit code %d, want 1", got.code)
			}
			checkGolden(t, c.name, c.addr, got.stderr)
		})
	}
}

func TestTheCauseOfAFailedDialDoesNotRepeatTheAddress(t *testing.T) {
	lookup := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "node9", Server: "10.0.0.1:53"}}
	if got, want := dialCause(lookup), "no such host"; got != want {
		t.Errorf("dialCause(%v) = %q, want %q", lookup, got, want)
	}
}

func TestANodeWithALongProtocolPeriodMayBeSilentForTwoOfThem(t *testing.T) {
	slow := member("1", swim.Alive, swim.Joined, "")
	slow.ProbeInterval = time.Minute
	guard := newSilenceGuard(time.Hour, func() {})
	defer guard.stop()
	guard.limit = time.Second
	guard.heard(wire.Snapshot{Node: status1, Members: []swim.Member{slow}})
	if got, want := guard.limit, 2*time.Minute; got != want {
		t.Errorf("the limit is %s, want %s", got, want)
	}
}

// TestAnAnswerThatBreaksTheContractIsRefused: nothing of it is printed, for it may hold
// control characters that a terminal obeys.
func TestAnAnswerThatBreaksTheContractIsRefused(t *testing.T) {
	node := &fakeNode{}
	node.list.Node, node.list.Members = status1, oneOfEach()
	node.list.Members[0].ID = "\x1b[2J"
	addr := node.start(t)
	got := swimctl(t.Context(), "members", "--addr", addr)
	if got.code != 1 || got.stdout != "" {
		t.Errorf("exit code %d, stdout %q, want 1 and nothing", got.code, got.stdout)
	}
	if strings.Contains(got.stderr, "\x1b") || !strings.Contains(got.stderr, "members[0].id") {
		t.Errorf("stderr %q has to name the field, without its control characters", got.stderr)
	}
}

func TestAWrongCommandLineExitsWith2(t *testing.T) {
	cases := map[string][]string{
		"unknown-command.stderr": {"member"},
		"unknown-flag.stderr":    {"members", "--address", "x"},
		"bad-output.stderr":      {"members", "-o", "yaml"},
		"bad-timeout.stderr":     {"members", "--timeout", "0s"},
		"bad-addr.stderr":        {"watch", "--addr", "localhost"},
		"extra-argument.stderr":  {"watch", "5"},
	}
	for name, args := range cases {
		t.Run(name, func(t *testing.T) {
			got := swimctl(t.Context(), args...)
			if got.code != 2 || got.stdout != "" {
				t.Errorf("exit code %d, stdout %q, want 2 and nothing", got.code, got.stdout)
			}
			checkGolden(t, name, "ADDR", got.stderr)
		})
	}
}

func TestHelpAndVersionExitWith0(t *testing.T) {
	help := swimctl(t.Context(), "--help")
	checkGolden(t, "help", "ADDR", help.stdout)
	if help.code != 0 {
		t.Errorf("--help: exit code %d, want 0", help.code)
	}
	if bare := swimctl(t.Context()); bare != help {
		t.Errorf("without a command: got %+v, want the help", bare)
	}
	text := "swimctl " + daemon.Version() + "\n"
	object := fmt.Sprintf("{%q:%q}\n", "version", daemon.Version())
	for args, want := range map[string]string{
		"version": text, "--version": text, "-v": text, "version -o json": object, "--version -o json": object,
	} {
		if got := swimctl(t.Context(), strings.Fields(args)...); got != (result{0, want, ""}) {
			t.Errorf("%s: got %+v, want %q", args, got, want)
		}
	}
}

// freeAddress returns an address at which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
