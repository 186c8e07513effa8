// Runs once, inside the map's own element: swaps in what Python has laid out; draws nothing of its own.
(function () {
  "use strict";
  const root = document.currentScript.parentElement;
  const find = (selector) => root.querySelector(selector);
  const told = JSON.parse(find("script[type='application/json']").textContent);
  const picture = find(".picture");
  const trace = Object.fromEntries(told.figure.data.map((each, place) => [each.name, place]));
  const isNarrow = window.matchMedia("(max-width: 600px)").matches;
  const onPaper = 660; // pixels that fit between the margins of A4 and of Letter
  const state = { community: "", by: told.by[0] };
  const whole = new Promise((done) => { // plotly may stand further down
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => setTimeout(done));
    else done();
  });
  let drawn; // a promise, once the map is asked for

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text; // never as mark-up: labels come from records
    if (className) made.className = className;
    return made;
  }

  function say(text) {
    find(".status").textContent = text;
  }

  function showLegend() {
    const items = told.legend[state.by].map(([label, colour]) => {
      const item = element("li");
      const swatch = element("span");
      swatch.style.background = colour;
      swatch.setAttribute("aria-hidden", "true");
      item.append(swatch, label);
      return item;
    });
    find(".legend").replaceChildren(...items);
  }

  function shapes() {
    const colours = told.discs[state.by];
    return told.figure.layout.shapes.map((shape, place) => ({
      ...shape,
      fillcolor: colours[place],
      line: { ...shape.line, color: colours[place] },
    }));
  }

  function labels() {
    return isNarrow ? told.numbers : told.labels[state.by];
  }

  function showTable(inside) {
    const region = find(".people");
    region.hidden = !inside;
    if (!inside) return;
    const table = element("table");
    table.append(element("caption", inside.caption));
    const head = element("tr");
    told.columns.forEach((name, place) => {
      const cell = element("th", name, place === told.columns.length - 1 ? "number" : "");
      cell.scope = "col";
      head.append(cell);
    });
    const body = inside.rows.map((row) => {
      const line = element("tr");
      row.forEach((value, place) => line.append(element("td", value, place === row.length - 1 ? "number" : "")));
      return line;
    });
    const top = element("thead");
    top.append(head);
    const rest = element("tbody");
    rest.append(...body);
    table.append(top, rest);
    region.replaceChildren(table);
  }

  function draw() {
    const inside = told.people[state.community];
    const nothing = { x: [], y: [], text: [], colour: {}, lines: { x: [], y: [] } };
    const { x, y, text, colour, lines } = inside || nothing;
    const people = { x: [x], y: [y], text: [text], "marker.color": [colour[state.by] || []] };
    const range = inside ? inside.range : told.range;
    showTable(inside);
    say(inside ? inside.said : told.said);
    begin().then(() => {
      Plotly.restyle(picture, { x: [lines.x], y: [lines.y] }, [trace.acquaintances]);
      Plotly.restyle(picture, people, [trace.people]);
      Plotly.restyle(picture, { text: [labels()] }, [trace.labels]);
      Plotly.relayout(picture, { shapes: shapes(), "xaxis.range": range[0], "yaxis.range": range[1] });
    });
  }

  function choose(community) {
    state.community = String(community);
    find(".choose").value = state.community;
    draw();
  }

  function zoom(by) {
    const changed = {};
    for (const axis of ["xaxis", "yaxis"]) {
      const [low, high] = picture._fullLayout[axis].range;
      const middle = (low + high) / 2;
      changed[axis + ".range"] = [middle + (low - middle) * by, middle + (high - middle) * by];
    }
    Plotly.relayout(picture, changed);
  }

  function showWay(place) {
    const way = told.ways[place] || { x: [], y: [], text: [], said: "" };
    say(way.said || told.said);
    begin().then(() => {
      Plotly.restyle(picture, { x: [way.x], y: [way.y], text: [way.text] }, [trace.way]);
      if (way.range) Plotly.relayout(picture, { "xaxis.range": way.range[0], "yaxis.range": way.range[1] });
    });
  }

  function listen() {
    find(".choose").addEventListener("change", (event) => choose(event.target.value));
    find(".colour").addEventListener("change", (event) => {
      state.by = event.target.value;
      showLegend();
      draw();
    });
    const way = find(".way");
    if (way) way.addEventListener("change", (event) => showWay(event.target.value));
    root.querySelectorAll("input[data-trace]").forEach((box) =>
      box.addEventListener("change", () =>
        begin().then(() => Plotly.restyle(picture, { visible: box.checked }, [trace[box.dataset.trace]]))
      )
    );
    find(".closer").addEventListener("click", () => begin().then(() => zoom(0.7)));
    find(".further").addEventListener("click", () => begin().then(() => zoom(1 / 0.7)));
    root.querySelectorAll("button[data-community]").forEach((button) =>
      button.addEventListener("click", () => {
        choose(button.dataset.community);
        find(".controls").scrollIntoView({ block: "start" });
        find(".choose").focus({ preventScroll: true });
      })
    );
  }

  function plot() {
    if (!window.Plotly) { // its text lies in the page: a script that is run once it is needed
      const script = element("script", document.querySelector("script.plotly").textContent);
      document.head.append(script);
      script.remove();
    }
    // On a phone a drag must scroll the page, not the map; the buttons bring it closer.
    const layout = { ...told.figure.layout, dragmode: isNarrow ? false : "pan", height: isNarrow ? 380 : 560 };
    told.figure.data[trace.labels].text = labels();
    picture.replaceChildren();
    return Plotly.newPlot(picture, told.figure.data, layout, { displayModeBar: false, responsive: true }).then(() => {
      picture.on("plotly_click", (event) => {
        const point = event.points[0];
        if (point.data.name === "communities") choose(point.customdata);
      });
      root.dataset.ready = "true";
    });
  }

  function begin() {
    drawn = drawn || whole.then(plot);
    return drawn;
  }

  // Running plotly's script takes longer than everything else on the page together: people read first, and the
  // discs stand there already. It runs once the map comes near the screen, is used, or is to be printed.
  function beginWhenSeen() {
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(begin));
    }, { rootMargin: "50%" });
    watch.observe(picture);
    // Paper is narrower than a screen: what stands right of its edge would be cut off.
    window.addEventListener("beforeprint", () => begin().then(() => Plotly.relayout(picture, { width: onPaper })));
    window.addEventListener("afterprint", () => begin().then(() => Plotly.relayout(picture, { width: null, autosize: true })));
  }

  listen();
  showLegend();
  say(told.said);
  beginWhenSeen();
  if (told.ways.length && find(".way").dataset.chosen) { // a target was asked for: its way is shown at once
    find(".way").value = "0";
    requestAnimationFrame(() => setTimeout(() => showWay(0)));
  }
})();
