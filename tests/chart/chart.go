// Package chart draws line charts as SVG: a few series over one pair of axes, with a legend.
// It knows nothing of what it draws, and the same input gives the same bytes.
package chart

import (
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
)

// Chart is one picture.
type Chart struct {
	Title  string
	X, Y   Axis
	Series []Series
}

// Axis has a name, and ticks at round numbers.
type Axis struct {
	Label string
	Log   bool // by powers of ten; values of zero and below are not drawn
	// From and To widen the axis beyond the values that are drawn, if To is larger.
	From, To float64
}

// Series is a line with a name.
type Series struct {
	Name   string
	Points []Point
	Style  Style
}

// Point is one value.
type Point struct{ X, Y float64 }

// Style of a line.
type Style int

// Line has a mark at each point; Step goes on level until the next one; Reference is a thin
// dashed line without marks, for what others have published.
const (
	Line Style = iota
	Step
	Reference
)

// The picture's measures, in pixels.
const (
	width, height            = 760, 400
	left, right, top, bottom = 70, 24, 44, 92
)

// palette is that of Okabe and Ito, which colour-blind people can tell apart as well.
var palette = []string{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"}

// Write draws the chart.
func (c Chart) Write(w io.Writer) error {
	x := c.X.scale(c.values(func(p Point) float64 { return p.X }), left, width-right)
	y := c.Y.scale(c.values(func(p Point) float64 { return p.Y }), height-bottom, top)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="24" font-size="15" font-weight="bold">%s</text>`+"\n", left, html.EscapeString(c.Title))
	c.axes(&b, x, y)
	for i, s := range c.Series {
		s.draw(&b, x, y, palette[i%len(palette)])
	}
	c.legend(&b)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (c Chart) values(of func(Point) float64) (all []float64) {
	for _, s := range c.Series {
		for _, p := range s.Points {
			all = append(all, of(p))
		}
	}
	return all
}

func (c Chart) axes(b *strings.Builder, x, y scale) {
	for _, tick := range y.ticks() {
		at := y.pixel(tick)
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/>`+"\n", left, width-right, at, at)
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left-8, at+4, number(tick))
	}
	floor := height - bottom
	for _, tick := range x.ticks() {
		at := x.pixel(tick)
		fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#333"/>`+"\n", at, at, floor, floor+5)
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", at, floor+19, number(tick))
	}
	fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#333"/>`+"\n", left, width-right, floor, floor)
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+width-right)/2, floor+38, html.EscapeString(c.X.Label))
	middle := (top + floor) / 2
	fmt.Fprintf(b, `<text x="16" y="%d" text-anchor="middle" transform="rotate(-90 16 %d)">%s</text>`+"\n", middle, middle, html.EscapeString(c.Y.Label))
}

// legend stands below the chart, in columns.
func (c Chart) legend(b *strings.Builder) {
	const columns = 3
	for i, s := range c.Series {
		x, y := left+i%columns*((width-left)/columns), height-34+i/columns*18
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%d" y2="%d" %s/>`+"\n", x, x+24, y, y, s.stroke(palette[i%len(palette)]))
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`+"\n", x+30, y+4, html.EscapeString(s.Name))
	}
}

func (s Series) stroke(colour string) string {
	if s.Style == Reference {
		return fmt.Sprintf(`fill="none" stroke="%s" stroke-width="1.5" stroke-dasharray="6 4"`, colour)
	}
	return fmt.Sprintf(`fill="none" stroke="%s" stroke-width="2"`, colour)
}

func (s Series) draw(b *strings.Builder, x, y scale, colour string) {
	var path, marks strings.Builder
	for _, p := range s.Points {
		if !x.shows(p.X) || !y.shows(p.Y) {
			continue
		}
		px, py := x.pixel(p.X), y.pixel(p.Y)
		switch {
		case path.Len() == 0:
			fmt.Fprintf(&path, "M%.1f %.1f", px, py)
		case s.Style == Step:
			fmt.Fprintf(&path, "H%.1fV%.1f", px, py)
		default:
			fmt.Fprintf(&path, "L%.1f %.1f", px, py)
		}
		if s.Style == Line {
			fmt.Fprintf(&marks, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", px, py, colour)
		}
	}
	fmt.Fprintf(b, `<path d="%s" %s/>`+"\n%s", path.String(), s.stroke(colour), marks.String())
}

// scale maps values to pixels.
type scale struct {
	log        bool
	low, high  float64
	begin, end float64
	step       float64 // between ticks, if not by powers of ten
}

func (a Axis) scale(values []float64, begin, end float64) scale {
	s := scale{log: a.Log, low: math.Inf(1), high: math.Inf(-1), begin: begin, end: end}
	if a.To > a.From {
		values = append(values, a.From, a.To)
	}
	for _, v := range values {
		if s.shows(v) {
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
	if s.low > s.high { // there is nothing to show
		s.low, s.high = 1, 10
	}
	if a.Log {
		s.low, s.high = math.Pow(10, math.Floor(math.Log10(s.low))), math.Pow(10, math.Ceil(math.Log10(s.high)))
		if s.low == s.high {
			s.high *= 10
		}
		return s
	}
	if s.low == s.high {
		s.high++
	}
	s.step = roundStep((s.high - s.low) / 6)
	s.low, s.high = math.Floor(s.low/s.step)*s.step, math.Ceil(s.high/s.step)*s.step
	return s
}

// roundStep is the next 1, 2 or 5 times a power of ten.
func roundStep(rough float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= rough {
			return factor * power
		}
	}
	return 10 * power
}

func (s scale) shows(v float64) bool { return !s.log || v > 0 }

func (s scale) pixel(v float64) float64 {
	part := (v - s.low) / (s.high - s.low)
	if s.log {
		part = math.Log10(v/s.low) / math.Log10(s.high/s.low)
	}
	return s.begin + part*(s.end-s.begin)
}

func (s scale) ticks() (all []float64) {
	if s.log {
		for v := s.low; v <= s.high*1.001; v *= 10 {
			all = append(all, v)
		}
		return all
	}
	for i := range int(math.Round((s.high-s.low)/s.step)) + 1 {
		all = append(all, s.low+float64(i)*s.step)
	}
	return all
}

// number is how a person writes it: 0.001, 2.5, 1000.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
