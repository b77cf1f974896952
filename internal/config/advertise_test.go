package config

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// fakeNet answers look-ups from tables; what is not in them fails.
type fakeNet struct {
	names      map[string]string // host -> address
	interfaces []string
	routes     map[string]string // peer -> local address
}

var errNoAnswer = errors.New("no answer")

func (n fakeNet) lookups() Lookups {
	return Lookups{
		Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			if text, found := n.names[host]; found {
				host = text
			}
			ip, err := netip.ParseAddr(host)
			return []netip.Addr{ip}, err
		},
		Interfaces: func() ([]netip.Addr, error) {
			var ips []netip.Addr
			for _, text := range n.interfaces {
				ips = append(ips, netip.MustParseAddr(text))
			}
			if ips == nil {
				return nil, errNoAnswer
			}
			return ips, nil
		},
		Route: func(_ context.Context, peer string) (netip.Addr, error) {
			if text, found := n.routes[peer]; found {
				return netip.MustParseAddr(text), nil
			}
			return netip.Addr{}, errNoAnswer
		},
	}
}

func TestTheAdvertisedHostIsTheFirstThatThereIs(t *testing.T) {
	lan := fakeNet{
		names:      map[string]string{"node1": "10.0.0.1", "node2": "10.0.0.2", "localhost": "127.0.0.1", "public": "203.0.113.9"},
		interfaces: []string{"127.0.0.1", "::1", "fe80::1", "10.0.0.1", "10.9.9.9"},
		routes:     map[string]string{"node1:50061": "10.9.9.9", "node2:50052": "10.0.0.1", "localhost:50061": "127.0.0.1", "far:1": "fe80::1%eth0"},
	}
	for _, c := range []struct {
		name string
		net  fakeNet
		env  env
		host string
		own  bool
	}{
		{"a: what is set, though it is not ours", lan, env{"SWIM_ADVERTISE_HOST": "public", "MEMBERS": "node1:50051"}, "public", false},
		{"a: before the listening host", lan, env{"SWIM_ADVERTISE_HOST": "node1", "SWIM_DETECTOR_ADDR": "127.0.1.1:7001"}, "node1", true},
		{"b: the detector's host", lan, env{"SWIM_DETECTOR_ADDR": "127.0.1.1:50051", "MEMBERS": "node1:50051"}, "127.0.1.1", true},
		{"b: the disseminator's host", lan, env{"SWIM_DISSEMINATOR_ADDR": "10.9.9.9:50061", "MEMBERS": "node1:50051"}, "10.9.9.9", true},
		{"b: not the unspecified host", lan, env{"SWIM_DETECTOR_ADDR": "0.0.0.0:50051", "SWIM_DISSEMINATOR_ADDR": "[::]:50061", "MEMBERS": "node1:50051"}, "node1", true},
		{"c: as written in MEMBERS", lan, env{"MEMBERS": "node2:50052,localhost:50051", "BOOTSTRAP_ADDRESS": "node1:50061"}, "localhost", true},
		{"c: also when the name does not resolve", lan, env{"MEMBERS": "node2:50052,me:50051"}, "me", false},
		{"c: of several, the one that is ours", lan, env{"MEMBERS": "node2:50051,node1:50051,gone:50051"}, "node1", true},
		{"d: the way to the bootstrap node", lan, env{"MEMBERS": "node2:50052", "BOOTSTRAP_ADDRESS": "node1:50061"}, "10.9.9.9", true},
		{"d: the way to a bootstrap node on this machine", lan, env{"BOOTSTRAP_ADDRESS": "localhost:50061"}, "127.0.0.1", true},
		{"d: the way to the first member", lan, env{"MEMBERS": "node2:50052"}, "10.0.0.1", true},
		{"d: the way to the next, when the first is unknown", lan, env{"MEMBERS": "node2:50052", "BOOTSTRAP_ADDRESS": "unknown:1"}, "10.0.0.1", true},
		{"d: no link-local address", lan, env{"MEMBERS": "far:1"}, "10.0.0.1", true},
		{"e: an interface", lan, env{}, "10.0.0.1", true},
		{"e: an interface, when several entries are not ours", lan, env{"MEMBERS": "node2:50051,gone:50051"}, "10.0.0.1", true},
		{"f: the loopback", fakeNet{interfaces: []string{"127.0.0.1", "::1", "fe80::1"}}, env{}, "127.0.0.1", true},
		{"f: the loopback, when nothing answers", fakeNet{}, env{"MEMBERS": "node2:50052"}, "127.0.0.1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, _ := mustLoad(t, node1.with(c.env))
			host, own, err := AdvertiseHost(t.Context(), cfg, c.net.lookups())
			if host != c.host || own != c.own || err != nil {
				t.Errorf("got %q, own %v, %v; want %q, own %v", host, own, err, c.host, c.own)
			}
		})
	}
}

func TestAnIPv4AddressInIPv6FormIsStillOurs(t *testing.T) {
	net := fakeNet{names: map[string]string{"node1": "::ffff:10.0.0.1"}, interfaces: []string{"10.0.0.1"}}
	cfg, _ := mustLoad(t, node1.with(env{"SWIM_ADVERTISE_HOST": "node1"}))
	if _, own, _ := AdvertiseHost(t.Context(), cfg, net.lookups()); !own {
		t.Error("::ffff:10.0.0.1 is not taken for 10.0.0.1")
	}
}

func TestTwoMembersThatCouldBothBeThisNodeAreRefused(t *testing.T) {
	cfg, _ := mustLoad(t, node1.with(env{"MEMBERS": "127.0.1.1:50051,127.0.1.2:50051"}))
	_, _, err := AdvertiseHost(t.Context(), cfg, fakeNet{}.lookups())
	var faults Faults
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), "127.0.1.1 and 127.0.1.2") ||
		!strings.Contains(err.Error(), "SWIM_DETECTOR_ADDR") {
		t.Errorf("got %v", err)
	}
}

func TestASilentNameServerDoesNotKeepTheNodeFromStarting(t *testing.T) {
	cfg, _ := mustLoad(t, node1.with(env{"MEMBERS": "a:50051,b:50051"}))
	l := fakeNet{}.lookups()
	l.Resolve = func(ctx context.Context, _ string) ([]netip.Addr, error) {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Fatal("a look-up without a deadline")
		}
		return nil, context.DeadlineExceeded
	}
	if host, own, err := AdvertiseHost(t.Context(), cfg, l); host != "127.0.0.1" || own || err != nil {
		t.Errorf("got %q, own %v, %v", host, own, err)
	}
}

func TestSystemLookupsKnowTheLoopback(t *testing.T) {
	l := SystemLookups()
	cfg, _ := mustLoad(t, node1.with(env{"BOOTSTRAP_ADDRESS": "127.0.0.1:50061"}))
	if host, own, err := AdvertiseHost(t.Context(), cfg, l); host != "127.0.0.1" || !own || err != nil {
		t.Errorf("got %q, own %v, %v", host, own, err)
	}
	ips, err := l.Interfaces()
	if err != nil || len(ips) == 0 {
		t.Errorf("interfaces %v, %v", ips, err)
	}
}
