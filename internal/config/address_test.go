package config

import (
	"strings"
	"testing"
)

func TestAMalformedMemberIsNamedAndCorrected(t *testing.T) {
	for entry, want := range map[string]string{
		"localhost":                         "entry 2 has no port; write localhost:50051",
		"::1":                               "entry 2 has no port; write [::1]:50051",
		"[::1]":                             "entry 2 has no port; write [::1]:50051",
		"localhost:x":                       `entry 2 has the port "x", which is not a decimal number; write the port as a number from 1 to 65535, e.g. localhost:50051`,
		"localhost:":                        `has the port "", which is not a decimal number`,
		"localhost:0":                       "not in 1..65535",
		"localhost:65536":                   "not in 1..65535",
		":50051":                            "entry 2 names no host",
		"0.0.0.0:50051":                     "can be listened on, not dialled",
		"[::]:50051":                        "can be listened on, not dialled",
		"224.0.0.1:50051":                   "multicast",
		"[fe80::1%eth0]:5":                  "zone",
		"http://node1:50051":                "entry 2 is a URL; write host:port alone, e.g. node1:50051",
		"::1:50051x":                        "an IPv6 address in brackets, e.g. [::1]:50051",
		"node1:1 node2:2":                   "separate addresses by commas",
		"node1:1;node2:2":                   "separate addresses by commas",
		"10.0.0.256:50051":                  "neither an IP address nor a host name",
		"no de:50051":                       `entry 2 names "no de", which is neither`,
		"-node:50051":                       "neither an IP address nor a host name",
		"node1/path:50051":                  "neither an IP address nor a host name",
		"user@node1:50051":                  "neither an IP address nor a host name",
		"*:50051":                           "neither an IP address nor a host name",
		strings.Repeat("a", 254) + ":50051": "neither an IP address nor a host name",
	} {
		expectFault(t, node1.with(env{"MEMBERS": "node1:50051," + entry}), "MEMBERS=", want)
	}
	expectFault(t, node1.with(env{"BOOTSTRAP_ADDRESS": "localhost"}), `BOOTSTRAP_ADDRESS="localhost": entry 1 has no port; write localhost:50061`)
}

func TestHostsAreKeptAsWritten(t *testing.T) {
	const members = "Node-1.example.:50051,proj_node2_1:50052,10.0.0.1:50053,[::1]:50051,[2001:DB8::1]:50054,7:50055"
	cfg, _ := mustLoad(t, node1.with(env{"MEMBERS": members}))
	if got := strings.Join(cfg.Members, ","); got != members {
		t.Errorf("got  %s\nwant %s", got, members)
	}
}

func TestDuplicateMembersAreRefused(t *testing.T) {
	for _, twice := range []string{"a:1,b:2,a:1", "localhost:1,b:2,127.0.0.1:1", "A:1,b:2,a.:1", "[::1]:1,b:2,[0::1]:1"} {
		expectFault(t, node1.with(env{"MEMBERS": twice}), "entries 1 and 3 are the same address; remove one")
	}
	if got := faultsOf(t, node1.with(env{"MEMBERS": "bad,a:1,a:1"})); len(got) != 2 || !strings.Contains(got[1], "entries 2 and 3") {
		t.Errorf("a bad entry shifts the count: %q", got)
	}
}

func TestTheAdvertisedHostHasNoPort(t *testing.T) {
	expectFault(t, node1.with(env{"SWIM_ADVERTISE_HOST": "node1:50051"}), "write the host alone: SWIM_ADVERTISE_HOST=node1")
	for _, host := range []string{"[::1]", "0.0.0.0", "::", "http://node1", "a b", "node1:x", "fe80::1%eth0", "node1,node2"} {
		expectFault(t, node1.with(env{"SWIM_ADVERTISE_HOST": host}), "SWIM_ADVERTISE_HOST=")
	}
	for _, host := range []string{"node1", "10.0.0.1", "::1", "2001:db8::1"} {
		if cfg, _ := mustLoad(t, node1.with(env{"SWIM_ADVERTISE_HOST": " " + host})); cfg.AdvertiseHost != host {
			t.Errorf("got %q, want %q", cfg.AdvertiseHost, host)
		}
	}
}

func TestAListeningAddressNeedsAPort(t *testing.T) {
	for _, value := range []string{"50051", "localhost", "::1", ":0", ":65536", ":http", "*:50051", "[fe80::1%eth0]:50051"} {
		expectFault(t, node1.with(env{"SWIM_DETECTOR_ADDR": value}), "SWIM_DETECTOR_ADDR=", "e.g. SWIM_DETECTOR_ADDR=:50051")
	}
}
