package config

import "testing"

func TestTheProbeTimeoutIsLessThanTheInterval(t *testing.T) {
	expectFault(t, node1.with(env{"SWIM_PROBE_INTERVAL": "300ms"}),
		`SWIM_PROBE_TIMEOUT="500ms"`, "SWIM_PROBE_INTERVAL=300ms", "set SWIM_PROBE_TIMEOUT=150ms")
	expectFault(t, node1.with(env{"SWIM_PROBE_TIMEOUT": "1s"}), "not less than SWIM_PROBE_INTERVAL=1s")
}

func TestTheLongestSuspicionIsNotShorterThanTheShortest(t *testing.T) {
	expectFault(t, node1.with(env{"SWIM_PAUSE_TOLERANCE": "5s"}),
		`SWIM_SUSPICION_MAX="4s"`, "SWIM_PAUSE_TOLERANCE=5s", "set SWIM_SUSPICION_MAX=20s")
}

func TestIdsTenApartOnOneAddressAreRefused(t *testing.T) {
	expectFault(t, node1.with(env{"MEMBERS": "localhost:50051,localhost:50052,localhost:50061"}),
		"localhost:50051 and localhost:50061", "ids ten apart on one address", "127.0.1.1")
	expectFault(t, node1.with(env{"MEMBERS": "127.0.0.1:50061,LOCALHOST:50051"}), "LOCALHOST:50051 and 127.0.0.1:50061")
	expectFault(t, node1.with(env{"MEMBERS": "h:50051,h:50061,h:50052,h:50062"}), "h:50051 and h:50061, h:50052 and h:50062")
}

func TestIdsTenApartOnTheirOwnAddressesAreFine(t *testing.T) {
	for _, members := range []string{"node1:50051,node11:50061", "127.0.1.1:50051,127.0.1.11:50061", "localhost:50051,[::1]:50061"} {
		e := env{"NODE_ID": "2", "MEMBERS": members}
		if got := faultsOf(t, e); len(got) != 0 {
			t.Errorf("%s: %q", members, got)
		}
	}
	e := env{
		"NODE_ID": "11", "MEMBERS": "127.0.1.1:50051,127.0.1.11:50051",
		"SWIM_DETECTOR_ADDR": "127.0.1.11:50051", "SWIM_DISSEMINATOR_ADDR": "127.0.1.11:50061",
	}
	if got := faultsOf(t, e); len(got) != 0 {
		t.Errorf("own loopback addresses with the same ports: %q", got)
	}
}

func TestAMemberThatNeedsOneOfOurPortsIsRefused(t *testing.T) {
	expectFault(t, env{"NODE_ID": "11", "MEMBERS": "localhost:50051,localhost:50052"},
		`MEMBERS="localhost:50051"`, "port 50061", "NODE_ID=11", "an address of its own")
	expectFault(t, env{"NODE_ID": "1", "MEMBERS": "localhost:50061"},
		`MEMBERS="localhost:50061"`, "NODE_ID=1", "MEMBERS names detectors")
	expectFault(t, env{"NODE_ID": "11", "MEMBERS": "node1:50051", "SWIM_ADVERTISE_HOST": "node1"}, `MEMBERS="node1:50051"`)
	expectFault(t, env{"NODE_ID": "11", "MEMBERS": "10.0.0.1:50051", "SWIM_DETECTOR_ADDR": "10.0.0.1:50061"}, `MEMBERS="10.0.0.1:50051"`)
	for _, e := range []env{
		{"NODE_ID": "11", "MEMBERS": "node1:50051"},
		{"NODE_ID": "11", "MEMBERS": "127.0.0.1:50051", "SWIM_DETECTOR_ADDR": "127.0.1.11:50061"},
	} {
		if got := faultsOf(t, e); len(got) != 0 {
			t.Errorf("%v: %q", e, got)
		}
	}
}

func TestTheHalvesListenOnDifferentAddresses(t *testing.T) {
	for detector, disseminator := range map[string]string{
		":7001":             ":7001",
		"127.0.0.1:7001":    "localhost:7001",
		"0.0.0.0:7001":      "127.0.0.1:7001",
		"127.0.0.1:50061":   "",
		"[0:0::1]:7001":     "[::1]:7001",
		"[::ffff:7f00:1]:1": "127.0.0.1:1",
	} {
		expectFault(t, node1.with(env{"SWIM_DETECTOR_ADDR": detector, "SWIM_DISSEMINATOR_ADDR": disseminator}),
			"SWIM_DISSEMINATOR_ADDR", "the same address as SWIM_DETECTOR_ADDR="+detector, "50051 and 50061")
	}
}

func TestTwoListeningHostsNeedAnAdvertisedOne(t *testing.T) {
	e := node1.with(env{"SWIM_DETECTOR_ADDR": "127.0.1.1:7001", "SWIM_DISSEMINATOR_ADDR": "127.0.1.2:7002"})
	expectFault(t, e, "127.0.1.1:7001", "127.0.1.2:7002", "set SWIM_ADVERTISE_HOST")
	if got := faultsOf(t, e.with(env{"SWIM_ADVERTISE_HOST": "node1"})); len(got) != 0 {
		t.Errorf("with an advertised host: %q", got)
	}
}
