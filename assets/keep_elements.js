/* Elements stay when an answer changes what is in them: Dash would make all of a part anew, and with the old elements the
   keyboard's focus, an open popover and what scripts noted on them would go. It gives each new rendering of a part
   another key (DashWrapper's boundary for errors); without it React changes only what is different. */
(() => {
  const { React } = window;
  const create = React.createElement;
  const isBoundary = (props) => props && "componentType" in props && "dispatch" in props && "key" in props;

  React.createElement = (type, props, ...children) => {
    if (!isBoundary(props)) return create(type, props, ...children);
    const { key: _key, ...others } = props;
    return create(type, others, ...children);
  };
})();
