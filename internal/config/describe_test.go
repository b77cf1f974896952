package config

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/CONFIG.md anew")

const document = "../../docs/CONFIG.md"

func TestTheDocumentIsUpToDate(t *testing.T) {
	if *update {
		if err := os.WriteFile(document, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Markdown() {
		t.Error("docs/CONFIG.md is not what internal/config makes: in internal/, run go test ./config -update")
	}
}

func TestEveryVariableIsDocumentedEverywhere(t *testing.T) {
	described := Config{}.Describe()
	for _, v := range variables {
		for where, text := range map[string]string{"Describe": described, "Table": Table(), "Markdown": Markdown()} {
			if !strings.Contains(text, v.name) {
				t.Errorf("%s leaves out %s", where, v.name)
			}
		}
		if v.meaning == "" || v.limits == "" || v.readBy == "" || (v.preset == "") == (v.otherwise == "") {
			t.Errorf("%s is not documented completely", v.name)
		}
		if strings.ContainsAny(v.meaning+v.tradeOff+v.limits+v.otherwise, "|\n") {
			t.Errorf("%s breaks the table in docs/CONFIG.md", v.name)
		}
	}
}

func TestWhatDescribePrintsLoadsAgain(t *testing.T) {
	for _, e := range []env{node1, everything} {
		want, _ := mustLoad(t, e)
		if got, _ := mustLoad(t, want.values()); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func TestDescribeShowsTheValuesInForce(t *testing.T) {
	cfg, _ := mustLoad(t, everything)
	lines := make(map[string][]string)
	for line := range strings.Lines(cfg.Describe()) {
		if fields := strings.Fields(line); len(fields) > 1 {
			lines[fields[0]] = fields[1:]
		}
	}
	for name, want := range everything {
		if got := lines[name]; len(got) == 0 || got[0] != want {
			t.Errorf("%s is described as %q, want %q", name, got, want)
		}
	}
}
