package paper

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/overlay"
)

var (
	gainsTo   = flag.String("paper.gains", "", "measure the cores of this program, and write the figures to this file")
	gainsFrom = flag.Uint64("paper.seed", 1, "the first seed of that")
)

// TestGainsOfThisProgram is what TestWhatEachRuleGains runs, in programs that lack a rule.
func TestGainsOfThisProgram(t *testing.T) {
	if *gainsTo == "" {
		t.Skip("asked for by TestWhatEachRuleGains only")
	}
	text, err := json.Marshal(trial{first: *gainsFrom, scale: scale}.gains())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*gainsTo, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// One rule at a time is taken out of the cores' source, and all is measured again. What the
// whole protocol does from other seeds tells a difference from chance.
func TestWhatEachRuleGains(t *testing.T) {
	type cell struct {
		rule
		seed    uint64
		figures []figure
	}
	cells := []*cell{{rule: rule{name: "nothing"}, seed: 1}}
	if *full {
		for _, seed := range []uint64{1001, 2001, 3001} {
			cells = append(cells, &cell{rule: rule{name: "nothing"}, seed: seed})
		}
	}
	whole := len(cells)
	one := slices.IndexFunc(rules, func(r rule) bool { return r.name == "a death needs its time here" })
	for _, r := range pick(rules[one:one+1], rules) {
		cells = append(cells, &cell{rule: r, seed: 1})
	}
	for _, r := range rules {
		edited(t, r.without) // each fits its file
	}
	inParallel(t, cells, func(t *testing.T, c *cell) { c.figures = measured(t, edited(t, c.without), c.seed) })

	all := [][]string{{"without", "first seed"}}
	sound := [][]string{{"figure, less is better", "all rules", "from four sets of seeds"}}
	lost := [][]string{{"without", "is worse", "is better"}}
	usual := make([]span, len(cells[0].figures))
	for i, f := range cells[0].figures {
		for _, c := range cells[:whole] {
			usual[i] = append(usual[i], c.figures[i].Value)
		}
		all[0] = append(all[0], f.Name)
		sound = append(sound, []string{f.Name, short(f.Value), usual[i].String()})
	}
	for k, c := range cells {
		row, worse, better := []string{c.name, fmt.Sprint(c.seed)}, []string{}, []string{}
		for i, f := range c.figures {
			row = append(row, short(f.Value))
			switch said := fmt.Sprintf("%s %s (%s)", f.Name, short(f.Value), short(usual[i][0])); {
			case usual[i].below(f.Value):
				worse = append(worse, said)
			case usual[i].above(f.Value):
				better = append(better, said)
			}
		}
		if all = append(all, row); k >= whole {
			lost = append(lost, []string{c.name, strings.Join(worse, "; "), strings.Join(better, "; ")})
		}
	}
	save(t, "rules-all", all)
	publish(t, "rules-sound", sound)
	publish(t, "rules", lost)
	for _, row := range lost[1:] {
		if row[0] == rules[one].name && !strings.Contains(row[1], "lies: failures") {
			t.Errorf("without the rule that %s nobody is failed by a lie: worse is %q", row[0], row[1])
		}
	}
}

// span are the values that chance gives one figure; the first is that of the common seed.
type span []float64

// slack is how far outside a value may lie, and still be no more than chance.
func (s span) slack() float64 {
	return max(slices.Max(s)-slices.Min(s), 0.05*slices.Max(s))
}

func (s span) below(v float64) bool { return v > slices.Max(s)+s.slack() }
func (s span) above(v float64) bool { return v < slices.Min(s)-s.slack() }

func (s span) String() string { return short(slices.Min(s)) + " to " + short(slices.Max(s)) }

// short writes three digits, and no more than two of them behind the point.
func short(v float64) string {
	digits := 2
	for limit := 10.0; limit <= 100 && v >= limit; limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// edited are the files of the cores without a rule.
func edited(t *testing.T, without []overlay.Edit) map[string]string {
	t.Helper()
	files, err := overlay.Apply(filepath.Join("..", ".."), without)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// measured builds this program with other files, and has it measure its cores.
func measured(t *testing.T, files map[string]string, seed uint64) (figures []figure) {
	t.Helper()
	dir := t.TempDir()
	program, answer := filepath.Join(dir, "paper.test"), filepath.Join(dir, "figures.json")
	if err := overlay.Go(dir, files, "test", "-c", "-o", program, "."); err != nil {
		t.Fatal(err)
	}
	args := []string{"-test.run", "^TestGainsOfThisProgram$", "-paper.gains", answer, "-paper.seed", fmt.Sprint(seed)}
	if *full {
		args = append(args, "-paper")
	}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(answer)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &figures); err != nil {
		t.Fatal(err)
	}
	return figures
}
