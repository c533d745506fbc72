/** What part of the picture is seen: it is moved and scaled as a whole. */
const svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (byId('diagram')));
const world = byId('world');
const size = { width: Number(svg.dataset.width), height: Number(svg.dataset.height) };
const camera = { x: 0, y: 0, scale: 1 };

/** Below this scale a card shows its name alone, large. */
const FAR = 0.42;

function applyCamera() {
  world.setAttribute('transform', `translate(${camera.x} ${camera.y}) scale(${camera.scale})`);
  svg.classList.toggle('far', camera.scale < FAR);
}

/** Shows a part of the picture as large as it goes. @param {Box} box @param {number} [most] */
function showBox(box, most = 1.2) {
  const pane = svg.getBoundingClientRect();
  const scale = Math.min(pane.width / (box.width + 60), pane.height / (box.height + 60), most);
  camera.scale = Math.max(scale, 0.01);
  camera.x = pane.width / 2 - (box.x + box.width / 2) * camera.scale;
  camera.y = pane.height / 2 - (box.y + box.height / 2) * camera.scale;
  applyCamera();
}

function showAll() {
  let { width, height } = size;
  for (const { box, element } of cards.values()) {
    if (!element.matches('.former:not(.gone)')) continue;
    width = Math.max(width, box.x + box.width);
    height = Math.max(height, box.y + box.height);
  }
  showBox({ x: 0, y: 0, width, height });
}

/** @param {number} factor @param {{ x: number, y: number }} [at] in pixels of the pane */
function zoom(factor, at) {
  const pane = svg.getBoundingClientRect();
  const { x, y } = at ?? { x: pane.width / 2, y: pane.height / 2 };
  const scale = Math.min(4, Math.max(0.01, camera.scale * factor));
  camera.x = x - ((x - camera.x) * scale) / camera.scale;
  camera.y = y - ((y - camera.y) * scale) / camera.scale;
  camera.scale = scale;
  applyCamera();
}

/** @param {number} x @param {number} y */
function pan(x, y) {
  camera.x += x;
  camera.y += y;
  applyCamera();
}

function startCamera() {
  svg.removeAttribute('viewBox');
  svg.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { left, top } = svg.getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), at);
    },
    { passive: false },
  );
  /** @type {{ x: number, y: number } | undefined} */
  let last;
  svg.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    last = { x: event.clientX, y: event.clientY };
    moved = false;
  });
  window.addEventListener('pointermove', (event) => {
    if (last === undefined) return;
    const [x, y] = [event.clientX - last.x, event.clientY - last.y];
    if (!moved && Math.abs(x) + Math.abs(y) < 4) return;
    moved = true;
    svg.classList.add('dragging');
    pan(x, y);
    last = { x: event.clientX, y: event.clientY };
  });
  window.addEventListener('pointerup', () => {
    last = undefined;
    svg.classList.remove('dragging');
  });
  // The whole of it is printed, whatever part is seen.
  window.addEventListener('beforeprint', () => {
    svg.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
    world.removeAttribute('transform');
    svg.classList.remove('far');
  });
  window.addEventListener('afterprint', () => {
    svg.removeAttribute('viewBox');
    applyCamera();
  });
}

/** Whether the pointer has dragged the picture, so that its release is no click. */
let moved = false;
