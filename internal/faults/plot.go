package faults

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Point is one value of a Series.
type Point struct{ X, Y float64 }

// Series is one line of a Plot. Points further apart than Plot.Gap are not connected.
type Series struct {
	Name   string
	Points []Point
}

// Mark is an event at X.
type Mark struct {
	X    float64
	Text string
}

// Plot draws lines over time as SVG.
type Plot struct {
	Title, XLabel, YLabel string
	Series                []Series
	Marks                 []Mark
	Gap                   float64
}

// Size and margins of the image in pixels.
const (
	plotWidth, plotHeight                 = 960.0, 420.0
	plotLeft, plotRight, plotTop, plotLow = 64.0, 150.0, 34.0, 44.0
)

// colors are the palette of Okabe and Ito, which most people with color blindness can
// distinguish.
var colors = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555"}

// WriteSVG writes the image.
func (p *Plot) WriteSVG(w io.Writer) error {
	var b strings.Builder
	right, top := p.extent()
	x := func(v float64) float64 { return plotLeft + v/right*(plotWidth-plotLeft-plotRight) }
	y := func(v float64) float64 { return plotHeight - plotLow - v/top*(plotHeight-plotTop-plotLow) }
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="12">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/><text x="%g" y="20" font-size="15">%s</text>`+"\n", plotLeft, escape(p.Title))
	p.grid(&b, right, top, x, y)
	for _, m := range p.Marks {
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%g" x2="%.1f" y2="%g" stroke="#bbb" stroke-dasharray="2 3"><title>%s</title></line>`+"\n", x(m.X), plotTop, x(m.X), plotHeight-plotLow, escape(m.Text))
	}
	for i, s := range p.Series {
		color := colors[i%len(colors)]
		fmt.Fprintf(&b, `<path fill="none" stroke="%s" stroke-width="1.4" d="%s"/>`+"\n", color, p.path(s.Points, x, y))
		fmt.Fprintf(&b, `<text x="%g" y="%g" fill="%s">%s</text>`+"\n", plotWidth-plotRight+10, plotTop+16+18*float64(i), color, escape(s.Name))
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// extent returns the right and the upper end of the axes, which start at zero.
func (p *Plot) extent() (right, top float64) {
	right, top = 1, 1
	for _, s := range p.Series {
		for _, q := range s.Points {
			right, top = max(right, q.X), max(top, q.Y)
		}
	}
	return right, top * 1.05
}

func (p *Plot) grid(b *strings.Builder, right, top float64, x, y func(float64) float64) {
	for v := 0.0; v <= top; v += step(top) {
		fmt.Fprintf(b, `<line x1="%g" y1="%.1f" x2="%g" y2="%.1f" stroke="#e5e5e5"/><text x="%g" y="%.1f" text-anchor="end">%g</text>`+"\n",
			plotLeft, y(v), plotWidth-plotRight, y(v), plotLeft-6, y(v)+4, v)
	}
	for v := 0.0; v <= right; v += step(right) {
		fmt.Fprintf(b, `<text x="%.1f" y="%g" text-anchor="middle">%g</text>`+"\n", x(v), plotHeight-plotLow+17, v)
	}
	fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">%s</text>`+"\n", (plotLeft+plotWidth-plotRight)/2, plotHeight-8, escape(p.XLabel))
	fmt.Fprintf(b, `<text transform="translate(16 %g) rotate(-90)" text-anchor="middle">%s</text>`+"\n", plotHeight/2, escape(p.YLabel))
}

// step returns a round distance between grid lines, of which about six are drawn up to most.
func step(most float64) float64 {
	size := math.Pow(10, math.Floor(math.Log10(most/6)))
	for _, f := range []float64{1, 2, 5, 10} {
		if f*size >= most/6 {
			return f * size
		}
	}
	return 10 * size
}

func (p *Plot) path(points []Point, x, y func(float64) float64) string {
	var b strings.Builder
	for i, q := range points {
		move := "L"
		if i == 0 || p.Gap > 0 && q.X-points[i-1].X > p.Gap {
			move = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", move, x(q.X), y(q.Y))
	}
	return b.String()
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
