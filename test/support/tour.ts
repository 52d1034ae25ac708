/** How much moves when a track appears in the tour. */
export const ANIMATIONS_OF_A_TRACK = `(() => {
  const track = Object.assign(document.createElement('article'), { className: 'track' });
  document.querySelector('#key-step').append(track);
  return track.getAnimations().length;
})()`;
