// What is wrong with a page, as a list of sentences; each of them would be seen by a reader.
() => {
  const wrong = [];
  const all = [...document.querySelectorAll('*')];
  const say = (what, element) => wrong.push(
    `${what}: <${element.tagName} class="${element.getAttribute('class')}"> ${element.textContent.trim().slice(0, 60)}`);

  // Nothing is wider than the window, and no text is cut.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) wrong.push(`the page is ${document.documentElement.scrollWidth} wide of ${width}`);
  for (const element of all) {
    const box = element.getBoundingClientRect();
    if (element.tagName !== 'HTML' && !element.closest('defs') && (box.right > width + 1 || box.left < -1)) say('beyond the window', element);
    const style = getComputedStyle(element);
    if (!element.closest('svg') && style.overflowX !== 'visible') say('may be cut', element);
  }
  for (const text of document.querySelectorAll('svg text')) {
    const inner = text.getBoundingClientRect(), outer = text.closest('svg').getBoundingClientRect();
    if (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1) say('cut', text);
  }
  const marks = [...document.querySelectorAll('svg.axis text')].map(text => text.getBoundingClientRect());
  marks.forEach((mark, at) => { if (at > 0 && marks[at - 1].right > mark.left) wrong.push('times overlap'); });

  // Contrast by WCAG 2.2: 4.5 for text, 3 for bars.
  const parse = colour => (colour.match(/^rgba?\(([^)]+)\)$/) || [])[1]?.split(/[ ,/]+/).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour && (colour.length === 3 || colour[3] === 1)) return colour;
    }
    return [255, 255, 255];
  };
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.tagName === 'title') continue;
    texts += 1;
    const style = getComputedStyle(element);
    const colour = parse(element.closest('svg') ? style.fill : style.color);
    const found = ratio(colour, ground(element));
    if (found < 4.5) say(`contrast ${found.toFixed(2)}`, element);
  }
  if (texts < 20) wrong.push(`only ${texts} texts were looked at`);
  for (const bar of document.querySelectorAll('rect:not(.band)')) {
    const style = getComputedStyle(bar);
    const seen = [style.fill, style.stroke].map(parse).filter(Boolean);
    if (!seen.some(colour => ratio(colour, ground(bar)) >= 3)) say('a bar that is hardly seen', bar);
  }

  // It can be read aloud: a language, landmarks, headings in their order, tables with names.
  if (document.documentElement.lang !== 'en') wrong.push('no language');
  for (const [name, count] of [['main', 1], ['h1', 1], ['header', 1], ['footer', 1]])
    if (document.querySelectorAll(name).length !== count) wrong.push(`not one ${name}`);
  const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(heading => Number(heading.tagName[1]));
  levels.forEach((level, at) => { if (level > (levels[at - 1] ?? 0) + 1) wrong.push('a heading skips a level'); });
  for (const table of document.querySelectorAll('table'))
    if (!table.querySelector('th[scope]')) say('a table without names', table);
  for (const section of document.querySelectorAll('section'))
    if (!document.getElementById(section.getAttribute('aria-labelledby'))) say('a section without a name', section);
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id is there twice');
  for (const svg of document.querySelectorAll('svg'))
    if (svg.getAttribute('aria-hidden') !== 'true') say('a drawing that is read aloud though its words are beside it', svg);

  // Nothing acts: only tags and attributes that this program writes, and links beside the page.
  const tags = new Set(('HTML HEAD META TITLE STYLE BODY HEADER MAIN FOOTER SECTION H1 H2 P DL DT DD TABLE CAPTION COLGROUP COL ' +
    'THEAD TBODY TR TH TD DIV SPAN STRONG CODE PRE DETAILS SUMMARY UL LI A TIME svg defs pattern path rect title text').split(' '));
  const names = new Set(('lang charset name content http-equiv class id scope colspan href title datetime aria-labelledby aria-label ' +
    'aria-hidden data-label x y width height d patternUnits text-anchor').split(' '));
  for (const element of all) {
    if (!tags.has(element.tagName)) say('a foreign tag', element);
    for (const attribute of element.attributes) if (!names.has(attribute.name)) say(`a foreign attribute ${attribute.name}`, element);
  }
  const beside = location.href.replace(/[^/]*$/, '') + 'output/';
  for (const link of document.links) if (!link.href.startsWith(beside)) say(`a link to ${link.href}`, link);
  return wrong;
}
