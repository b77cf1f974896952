package rpc

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestATakenPortIsExplained(t *testing.T) {
	first, err := TCP{}.Listen(t.Context(), "127.0.0.1:0", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	address := first.Addr().String()
	_, err = TCP{}.Listen(t.Context(), address, zap.NewNop())
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("Listen: %v, want EADDRINUSE", err)
	}
	_, portOf, _ := net.SplitHostPort(address)
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want what and who, the cures, and the rare case:\n%v", len(lines), err)
	}
	for i, wants := range [][]string{
		{address, "address already in use", "ss -ltnp | grep :" + portOf},
		{"running twice", "NODE_ID", "ten apart", "50050+ID and 50060+ID", "SWIM_DETECTOR_ADDR"},
		{"nobody listens", "wait a minute", "ip_local_reserved_ports=50051-50070"},
	} {
		rest := lines[i]
		for _, want := range wants {
			var found bool
			if _, rest, found = strings.Cut(rest, want); !found {
				t.Errorf("line %d, %q, does not mention %q, or not in the order of likelihood", i+1, lines[i], want)
			}
		}
	}
}

func TestAForeignAddressIsExplained(t *testing.T) {
	_, err := TCP{}.Listen(t.Context(), "192.0.2.1:0", zap.NewNop()) // reserved for documentation: nobody has it
	if !errors.Is(err, syscall.EADDRNOTAVAIL) || !strings.Contains(err.Error(), "192.0.2.1:0: this host has no such address") {
		t.Errorf("Listen: %v", err)
	}
}

func TestAMalformedAddressIsNamed(t *testing.T) {
	_, err := TCP{}.Listen(t.Context(), "nonsense", zap.NewNop())
	if err == nil || !strings.Contains(err.Error(), "cannot listen on nonsense") {
		t.Errorf("Listen: %v", err)
	}
}

func TestConnectionsBeyondTheCapsAreClosedAtOnceAndPlacesComeBack(t *testing.T) {
	for name, caps := range map[string]struct{ total, perIP int }{
		"total":         {2, 100},
		"per remote IP": {100, 2},
		"both":          {2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inner, err := TCP{}.Listen(t.Context(), "127.0.0.1:0", zap.NewNop())
			if err != nil {
				t.Fatal(err)
			}
			core, logs := observer.New(zap.WarnLevel)
			lis := newCappedListener(inner, zap.New(core))
			lis.total, lis.perIP = caps.total, caps.perIP
			accepted := acceptAll(lis)
			dial := func() net.Conn {
				t.Helper()
				conn, err := net.Dial("tcp", inner.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { conn.Close() })
				return conn
			}
			dial()
			one := <-accepted
			dial()
			two := <-accepted
			for range 3 {
				if _, err := dial().Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("read on a connection too many: %v, want it closed", err)
				}
			}
			if got := logs.Len(); got != 1 {
				t.Errorf("%d warnings, want 1 for three connections", got)
			}
			one.Close()
			one.Close() // gives back one place, not two
			dial()
			three := <-accepted
			if _, err := dial().Read(make([]byte, 1)); err == nil {
				t.Error("a connection beyond the cap was served after a double close")
			}
			two.Close()
			three.Close()
			lis.Close()
			<-accepted
			if lis.open != 0 || len(lis.byIP) != 0 {
				t.Errorf("%d connections, %v counted at the end, want none", lis.open, lis.byIP)
			}
		})
	}
}

// A node is dialled by the others before it listens. The kernel may give such a dial the
// node's own port to come from, and holds it for a minute after the end.
func TestAPortThatAConnectionOfOursComesFromCanStillBeListenedOn(t *testing.T) {
	target := mustListen(t, "127.0.0.1:0")
	d := TCP{}.dialer()
	d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	conn, err := d.DialContext(t.Context(), "tcp", target.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	own := conn.LocalAddr().String()
	mustListen(t, own).Close()
	conn.Close() // the first to close keeps the port in TIME-WAIT
	mustListen(t, own)
}

func mustListen(t *testing.T, address string) net.Listener {
	t.Helper()
	lis, err := TCP{}.Listen(t.Context(), address, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lis.Close() })
	return lis
}

// acceptAll hands over what lis accepts, until lis is closed.
func acceptAll(lis net.Listener) <-chan net.Conn {
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			conn, err := lis.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	return accepted
}

func TestAPortThatSomebodysConnectionHoldsIsWaitedFor(t *testing.T) {
	target := mustListen(t, "127.0.0.1:0")
	foreign := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}} // without our options
	conn, err := foreign.DialContext(t.Context(), "tcp", target.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := target.Accept()
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.WarnLevel)
	listening := make(chan error, 1)
	go func() {
		lis, err := TCP{}.Listen(t.Context(), conn.LocalAddr().String(), zap.New(core))
		if err == nil {
			err = lis.Close()
		}
		listening <- err
	}()
	for logs.Len() == 0 { // it waits, and says so
		select {
		case err := <-listening:
			t.Fatalf("not waited for: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	theirs.Close() // the first to close, so the port is free at once
	conn.Close()
	if err := <-listening; err != nil {
		t.Error(err)
	}
}
